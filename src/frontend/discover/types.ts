import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import type { DhcpNetwork } from '../dhcp/types.ts';

/** What becomes of unknown machines, checked. */
export type DiscoverOrder = {
  readonly role: string;
  /** Undefined only where a node without one is replaced. */
  readonly rack: number | undefined;
  /** The first rank; undefined: the one after the highest that there is. */
  readonly fromRank: number | undefined;
  /** Where counting for a free address begins, instead of at the network's first. */
  readonly addressFrom: string | undefined;
  /** A node whose place the next unknown machine takes. */
  readonly replace: string | undefined;
  /** Beginnings of MAC addresses: lower case with colons. */
  readonly excluded: readonly string[];
  /** Which clients count: kinds, beginnings of vendor classes, or whole user classes. */
  readonly classes: readonly string[];
  /** What they boot next, and whether that installs. */
  readonly action: string;
  readonly installs: boolean;
  /** After so many it ends. */
  readonly mostCount: number;
  /** False: machines are told apart by their MAC addresses alone. */
  readonly tellsByUuid: boolean;
};

/** A machine that asks, and whose MAC address no node has. */
export type UnknownMachine = {
  readonly mac: string;
  /** Undefined: it did not say, or says what many do. */
  readonly uuid: string | undefined;
  readonly client: DhcpClient;
  /** Its lease's holder; see `holderOf`. */
  readonly holder: string;
  readonly network: DhcpNetwork;
  /** By way of a relay agent: ARP does not reach it. */
  readonly isRelayed: boolean;
};

/** Stable words for what is left alone. */
export type LeftAloneReason =
  | 'excluded'
  | 'not-netbooting'
  | 'class-not-permitted'
  | 'other-network'
  | 'too-many-cards'
  | 'enough';
