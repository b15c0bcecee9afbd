import type { RemoteInfo } from 'node:dgram';
import { DhcpError, type DhcpPacket, decodeDhcp, encodeDhcp } from '../../protocol/dhcp/packet.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { InterfaceSocket } from '../../runtime/interface-socket.ts';
import type { Log } from '../../runtime/log.ts';
import { FloodGate } from './flood-gate.ts';
import type { Leases } from './leases.ts';
import type { Decision, Destination, DhcpEvent, IgnoreReason } from './types.ts';

/** What is heard on one port, and what decides about it. */
export type DhcpPort = {
  readonly port: 67 | 4011;
  readonly socket: InterfaceSocket;
  readonly decide: (packet: DhcpPacket) => Decision;
  /** What is to be done before it is decided on. Never rejects. */
  readonly hear?: (packet: DhcpPacket) => Promise<void>;
};

export type DhcpServerDeps = {
  readonly ports: readonly DhcpPort[];
  readonly leases: Pick<Leases, 'commit'>;
  /**
   * Decides, and keeps the lease of the decision; by default at once. What asks others first
   * whether they use an address comes in here, see `decideFreeAddress`.
   */
  readonly settle?: (decide: () => Decision) => Promise<Decision>;
  /** The frontend's addresses: what it asks of other servers itself is not for it to answer. */
  readonly ownAddresses?: ReadonlySet<string>;
  readonly onEvent: (event: DhcpEvent) => void;
  readonly log: Log;
  readonly nowMs?: () => number;
};

export type DhcpDropReason = IgnoreReason | 'malformed' | 'flood' | 'failed' | 'own-question';

export type DhcpServer = {
  /** Packets that got no answer, by the reason. */
  readonly drops: () => ReadonlyMap<DhcpDropReason, number>;
  readonly close: () => Promise<void>;
};

const serverPort = 67;
const clientPort = 68;

/**
 * Answers DHCP, BOOTP and PXE on the given sockets (RFC 2131, RFC 951). Each packet is decided on by
 * itself; a reply leaves when its lease is kept. Closing closes the sockets.
 */
export function startDhcpServer(deps: DhcpServerDeps): DhcpServer {
  const { leases, ownAddresses, onEvent, log, nowMs = () => performance.now() } = deps;
  const settle = deps.settle ?? keepLease;
  const drops = new Map<DhcpDropReason, number>();
  const gate = new FloodGate();
  const drop = (reason: DhcpDropReason): void => {
    drops.set(reason, (drops.get(reason) ?? 0) + 1);
  };

  async function receive(at: DhcpPort, bytes: Buffer, sender: RemoteInfo): Promise<void> {
    const packet = decodeDhcp(bytes);
    if (ownAddresses?.has(sender.address) && isBroadcast(packet)) return drop('own-question');
    if (!gate.admits(packet.mac, nowMs())) return drop('flood');
    await at.hear?.(packet);
    const decision = await settle(() => at.decide(packet));
    if (decision.event !== undefined) onEvent(decision.event);
    if (decision.kind === 'ignore') return drop(decision.reason);
    await answer(at, decision, sender);
  }

  async function keepLease(decide: () => Decision): Promise<Decision> {
    const decision = decide();
    if (decision.lease !== undefined) await leases.commit(decision.lease);
    return decision;
  }

  for (const at of deps.ports) {
    at.socket.socket.on('error', (error) =>
      log.warn('socket failed', { reason: messageOf(error) }),
    );
    at.socket.socket.on('message', (bytes, sender) => {
      receive(at, bytes, sender).catch((error: unknown) => {
        if (error instanceof DhcpError) return drop('malformed');
        drop('failed');
        log.warn('packet not answered', { reason: messageOf(error) });
      });
    });
  }
  return {
    drops: () => new Map(drops),
    close: async () => {
      await Promise.all(deps.ports.map(({ socket }) => socket.close()));
    },
  };
}

/** From a client that has no address; no relay agent passed it on. */
function isBroadcast({ ciaddr, giaddr }: DhcpPacket): boolean {
  return ciaddr === '0.0.0.0' && giaddr === '0.0.0.0';
}

type Reply = Extract<Decision, { readonly kind: 'reply' }>;

async function answer(at: DhcpPort, reply: Reply, sender: RemoteInfo): Promise<void> {
  const { packet, maximumBytes, to } = reply;
  const bytes = encodeDhcp(packet, maximumBytes);
  const place = whereTo(at, reply, sender);
  if (at.port !== serverPort || to !== 'unicast-to-yiaddr') return send(at, bytes, place);
  // It does not answer ARP for an address that it is only just being told of. Once it has it, it
  // does: kept, the neighbours of a large rack would not fit into the kernel's table.
  at.socket.setNeighbour(packet.yiaddr, packet.mac);
  try {
    await send(at, bytes, place);
  } finally {
    at.socket.forgetNeighbour(packet.yiaddr);
  }
}

type Place = { readonly address: string; readonly port: number };

function whereTo(
  { port }: DhcpPort,
  { packet, to }: { readonly packet: DhcpPacket; readonly to: Destination },
  sender: RemoteInfo,
): Place {
  // On 4011 a client has its address, and asks from a port of its own.
  if (port !== serverPort) return { address: sender.address, port: sender.port };
  switch (to) {
    case 'relay':
      return { address: packet.giaddr, port: serverPort };
    case 'broadcast':
      return { address: '255.255.255.255', port: clientPort };
    case 'unicast-to-ciaddr':
      return { address: packet.ciaddr, port: clientPort };
    case 'unicast-to-yiaddr':
      return { address: packet.yiaddr, port: clientPort };
  }
}

function send({ socket }: DhcpPort, bytes: Buffer, { address, port }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.socket.send(bytes, port, address, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
