import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import type { DhcpOptions } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import type { StaticRoute } from '../../protocol/dhcp/static-routes.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { AddressQuestion } from './address-probe.ts';
import type { Lease, LeaseView } from './lease.ts';

/** IPv4, both ends included. */
export type AddressRange = { readonly first: string; readonly last: string };

/** One IPv4 network: the frontend's own, or one that a relay agent speaks for. */
export type DhcpNetwork = {
  /** `10.1.0.0/16`. */
  readonly prefix: string;
  /** Where addresses without a reservation are taken from; undefined: reservations only. */
  readonly range: AddressRange | undefined;
  readonly routers: readonly string[];
  readonly dns: readonly string[];
  readonly domain: string | undefined;
  readonly ntp: readonly string[];
  readonly mtu: number | undefined;
  readonly staticRoutes: readonly StaticRoute[];
  /** Any other option by number; these go before the ones above. */
  readonly options: DhcpOptions;
  readonly leaseSeconds: number;
};

/** What a boot file depends on; all that are given have to fit, and the first rule that fits wins. */
export type BootFileRule = {
  /** Option 93 (or the class's `Arch:000NN`) is one of these; `none`: the client sent none. */
  readonly architectures?: readonly number[] | 'none';
  readonly clientKind?: DhcpClient['kind'];
  /** How option 60 begins. */
  readonly vendorClass?: string;
  readonly userClass?: string;
  /** A node's name. */
  readonly node?: string;
  /** An IPv4 address; the frontend's own when left out. */
  readonly nextServer?: string;
  /**
   * A path as TFTP knows it, or a URL; empty: none. `{server}`, `{http}` (`http://10.1.1.1`),
   * `{mac}` (with dashes) and `{node}` are filled in.
   */
  readonly filename: string;
};

/** What a machine that is in no list gets: nothing, an address but no boot file, or a name. */
export type UnknownPolicy = 'ignore' | 'address' | 'discover';

export type DhcpSettings = {
  readonly interface: string;
  /** The frontend's IPv4 address on that interface: server identifier and next-server. */
  readonly address: string;
  /** How machines reach the frontend by HTTP, without a slash at the end: `http://10.1.1.1`. */
  readonly httpUrl: string;
  readonly networks: readonly DhcpNetwork[];
  /**
   * Which clients are answered unless their node says otherwise: kinds (`pxe`, `other` …),
   * beginnings of vendor classes (`d-i`, `PXEClient:Arch:00007`) or whole user classes.
   */
  readonly clientClasses: readonly string[];
  readonly unknown: UnknownPolicy;
  /** Roles that get an address, but no next-server and no filename: switches and the like. */
  readonly rolesWithoutBoot: readonly string[];
  /** The boot actions that install; `install` unless given. */
  readonly installActions?: ReadonlySet<string>;
  /** In order; see `defaultBootFiles`. */
  readonly bootFiles: readonly BootFileRule[];
  /** Whether a path leads to a file for this node, by TFTP; undefined: it cannot be told. */
  readonly hasBootFile?: (path: string, node: string | undefined) => boolean;
};

/** What the decisions ask of the machines' database. */
export type NodeLookup = {
  /** Lower case with colons. */
  readonly byMac: (mac: string) => MachineNode | undefined;
  readonly byAddress: (address: string) => MachineNode | undefined;
};

/** All that a decision depends on, besides the packet. */
export type Situation = {
  readonly settings: DhcpSettings;
  readonly nodes: NodeLookup;
  readonly leases: LeaseView;
  readonly nowMs: number;
};

/** A packet of a client that is heard, with what is known of it. */
export type Asking = Situation & {
  readonly packet: DhcpPacket;
  readonly client: DhcpClient;
  /** Undefined: an unknown machine. */
  readonly node: MachineNode | undefined;
  readonly network: DhcpNetwork;
  /** Who an address is leased to; see `holderOf`. */
  readonly holder: string;
  /** False: an address only, without next-server and filename. */
  readonly boots: boolean;
};

/** Where a reply goes: `relay` is giaddr, port 67; the others port 68. */
export type Destination = 'relay' | 'broadcast' | 'unicast-to-yiaddr' | 'unicast-to-ciaddr';

/** Stable words; what they are about stands in the text beside them. */
export type IgnoreReason =
  | 'not-a-request'
  | 'bad-mac'
  | 'unknown-message'
  | 'incomplete'
  | 'bad-relay'
  | 'no-network'
  | 'unknown-machine'
  | 'to-be-discovered'
  | 'class-not-permitted'
  | 'installed-macos'
  | 'boots-from-disk'
  | 'not-netbooting'
  | 'no-boot-file'
  | 'no-range'
  | 'range-exhausted'
  | 'reservation-held'
  | 'address-in-use'
  | 'needs-reservation'
  | 'other-server'
  | 'not-ours'
  | 'declined'
  | 'released';

/** For the machine's story and the log. */
export type DhcpEvent = {
  readonly event:
    | 'offer'
    | 'ack'
    | 'nak'
    | 'inform'
    | 'bootp'
    | 'decline'
    | 'release'
    | 'in-use'
    | 'proxy-offer'
    | 'proxy-ack'
    | 'unknown'
    | 'ignored';
  readonly node: string | undefined;
  readonly mac: string;
  readonly address: string | undefined;
  readonly filename: string | undefined;
  readonly reason: IgnoreReason | undefined;
  readonly text: string;
};

export type Reply = {
  readonly kind: 'reply';
  readonly packet: DhcpPacket;
  readonly to: Destination;
  /** For `encodeDhcp`: what the client takes, without IP and UDP headers. */
  readonly maximumBytes: number;
  /** Has to be kept before the reply is sent. */
  readonly lease: Lease | undefined;
  readonly event: DhcpEvent;
  /** What to ask before the reply is sent: whether somebody else uses the address. */
  readonly probe?: AddressQuestion;
};

export type Ignore = {
  readonly kind: 'ignore';
  readonly reason: IgnoreReason;
  readonly text: string;
  /** DECLINE, RELEASE and the choice of another server change leases without an answer. */
  readonly lease: Lease | undefined;
  /** Undefined where it is nobody's story: other servers' clients, noise. */
  readonly event: DhcpEvent | undefined;
  /** The server identifier of another server, which the client chose. */
  readonly otherServer?: string;
};

export type Decision = Reply | Ignore;
