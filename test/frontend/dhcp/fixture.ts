import { decideDhcp } from '../../../src/frontend/dhcp/decide.ts';
import { dhcpDefaults, networkDefaults } from '../../../src/frontend/dhcp/defaults.ts';
import { LeaseTable } from '../../../src/frontend/dhcp/lease-table.ts';
import type {
  Decision,
  DhcpNetwork,
  DhcpSettings,
  Ignore,
  NodeLookup,
  Reply,
  Situation,
} from '../../../src/frontend/dhcp/types.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import {
  dhcpOptions,
  encodeAddress,
  encodeUint8,
  messageTypes,
} from '../../../src/protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../../src/protocol/dhcp/packet.ts';

export const server = '10.1.1.1';
export const none = '0.0.0.0';

export const homeNetwork: DhcpNetwork = {
  ...networkDefaults,
  prefix: '10.1.0.0/16',
  range: { first: '10.1.200.1', last: '10.1.200.20' },
  routers: ['10.1.1.254'],
  dns: [server],
  domain: 'cluster.local',
};

export const relayedNetwork: DhcpNetwork = {
  ...networkDefaults,
  prefix: '10.2.0.0/24',
  range: { first: '10.2.0.100', last: '10.2.0.110' },
  routers: ['10.2.0.1'],
};

export const settings: DhcpSettings = {
  ...dhcpDefaults,
  interface: 'eth1',
  address: server,
  httpUrl: `http://${server}`,
  networks: [homeNetwork, relayedNetwork],
  unknown: 'address',
};

export function node(values: Partial<MachineNode> = {}): MachineNode {
  return {
    name: 'compute-0-0',
    macs: ['52:54:00:00:00:01'],
    uuid: undefined,
    address: '10.1.0.5',
    role: 'compute',
    rack: 0,
    rank: 0,
    clientClasses: undefined,
    dhcpOptions: {},
    bootAction: 'install',
    bootState: 'install',
    bootReason: undefined,
    stateAtMs: 0,
    installNumber: 0,
    ...values,
  };
}

export function lookup(nodes: readonly MachineNode[]): NodeLookup {
  return {
    byMac: (mac) => nodes.find(({ macs }) => macs.includes(mac)),
    byAddress: (address) => nodes.find((each) => each.address === address),
  };
}

type PacketValues = Partial<Omit<DhcpPacket, 'options'>> & {
  readonly type?: keyof typeof messageTypes;
  readonly options?: readonly (readonly [number, Buffer])[];
};

/** A request of a client: a DHCP message of `type`, or BOOTP. */
export function packet({ type, options = [], ...values }: PacketValues = {}): DhcpPacket {
  const typed =
    type === undefined ? [] : [[dhcpOptions.messageType, encodeUint8(messageTypes[type])] as const];
  return {
    op: 'request',
    hardwareType: 1,
    hops: 0,
    xid: 7,
    secs: 0,
    broadcast: false,
    ciaddr: none,
    yiaddr: none,
    siaddr: none,
    giaddr: none,
    mac: '52:54:00:00:00:01',
    sname: '',
    file: '',
    ...values,
    options: new Map([...typed, ...options]),
  };
}

/** A frontend in memory whose leases are those of the decisions that it made. */
export function frontend(
  nodes: readonly MachineNode[] = [node()],
  changed: Partial<DhcpSettings> = {},
) {
  const table = new LeaseTable();
  const state = { nowMs: 1_000_000, nodes, settings: { ...settings, ...changed } };
  const situation = (): Situation => ({
    settings: state.settings,
    nodes: lookup(state.nodes),
    leases: table,
    nowMs: state.nowMs,
  });
  const keep = (decision: Decision): Decision => {
    if (decision.lease !== undefined) table.put(decision.lease);
    return decision;
  };
  const decide = (values: PacketValues | DhcpPacket): Decision => {
    const asked =
      values.options instanceof Map ? (values as DhcpPacket) : packet(values as PacketValues);
    return keep(decideDhcp(asked, situation()));
  };
  return { table, state, situation, decide };
}

export const asksFor = (address: string) =>
  [dhcpOptions.requestedAddress, encodeAddress(address)] as const;
export const chose = (address: string) => [dhcpOptions.serverId, encodeAddress(address)] as const;

export function replyOf(decision: Decision): Reply {
  if (decision.kind === 'reply') return decision;
  throw new Error(`expected a reply, got silence: ${decision.reason}: ${decision.text}`);
}

export function ignoreOf(decision: Decision): Ignore {
  if (decision.kind === 'ignore') return decision;
  throw new Error(`expected silence, got a reply to ${decision.packet.mac}`);
}

export function typeOf({ packet: { options } }: Reply): number | undefined {
  return options.get(dhcpOptions.messageType)?.readUInt8();
}
