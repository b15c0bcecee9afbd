import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import type { AddressProbe } from '../dhcp/address-probe.ts';
import type { Leases } from '../dhcp/leases.ts';
import type { DhcpSettings } from '../dhcp/types.ts';
import { builtInInstallActions } from '../nodes/boot-actions.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { Operator } from '../operators/types.ts';
import type { DiscoverEvent, DiscoverOrderDocument } from './documents.ts';
import { DiscoverError } from './errors.ts';
import { readMachine } from './machine.ts';
import { readOrder } from './read-order.ts';
import { DiscoverSession } from './session.ts';
import type { DiscoverOrder } from './types.ts';

/** Unknown machines become nodes, while somebody asks for that. */
export type Discovery = {
  /** For each packet on port 67, before it is decided on. Never rejects. */
  readonly hear: (packet: DhcpPacket) => Promise<void>;
  /**
   * Begins a discovery; what is returned ends it. Throws DiscoverError `already-running` or
   * `bad-order`, or NodesError.
   */
  readonly start: (order: DiscoverOrderDocument, by: DiscoverClient) => () => void;
  readonly close: () => Promise<void>;
};

export type DiscoverClient = {
  readonly operator: Operator | undefined;
  /** The first call comes before `start` returns; `ended` is the last one. */
  readonly tell: (event: DiscoverEvent) => void;
};

export type DiscoveryDeps = {
  readonly nodes: Pick<NodeRecords, 'store' | 'events' | 'audit'>;
  readonly leases: Pick<Leases, 'at' | 'of' | 'commit'>;
  /** Undefined: nobody is asked who uses an address. */
  readonly probe: Pick<AddressProbe, 'userOf'> | undefined;
  readonly clockMs?: () => number;
};

export type DiscoveryConfig = {
  readonly settings: DhcpSettings;
  /** False where another server gives the addresses. */
  readonly givesAddresses: boolean;
  readonly bootActions: readonly string[];
  /** Those of them that install; `install` unless given. */
  readonly installActions?: ReadonlySet<string>;
  /** All that this machine has. */
  readonly ownAddresses: ReadonlySet<string>;
};

type Running = {
  readonly session: DiscoverSession;
  readonly order: DiscoverOrder;
  readonly end: (reason?: 'count' | 'stopping') => void;
};

export function createDiscovery(deps: DiscoveryDeps, config: DiscoveryConfig): Discovery {
  const { nodes, leases, probe, clockMs = Date.now } = deps;
  const { settings, givesAddresses, bootActions, ownAddresses } = config;
  const { installActions = builtInInstallActions } = config;
  const running = new Set<Running>();

  const stopListening = nodes.store.onChange((changes) => {
    for (const { before, after } of changes) {
      const isNew = after?.bootState === 'installing' && before?.bootState !== 'installing';
      if (isNew) for (const { session } of running) session.kickstartOf(after);
    }
  });

  function start(document: DiscoverOrderDocument, { operator, tell }: DiscoverClient): () => void {
    const context = { nodes: nodes.store, settings, bootActions, installActions };
    const order = readOrder(document, context);
    for (const other of running) if (other.order.rack === order.rack) throw alreadyRunning(order);
    const end = (reason?: 'count' | 'stopping'): void => {
      if (!running.delete(current)) return;
      session.end();
      if (reason !== undefined) tell({ event: 'ended', reason });
    };
    const asOperator = <Result>(work: () => Result): Result =>
      operator === undefined ? work() : nodes.audit.as(operator, work);
    const session = new DiscoverSession(
      {
        ...{ nodes, leases, probe, clockMs, givesAddresses, settings, ownAddresses },
        ...{ asOperator, tell, onEnough: () => end('count') },
      },
      order,
    );
    const current: Running = { session, order, end };
    running.add(current);
    const { role, rack = null, replace = null, action } = order;
    tell({ event: 'started', role, rack, replaces: replace, action });
    return () => end();
  }

  /** The first that wants it takes it; when none does, each says why. */
  async function hear(packet: DhcpPacket): Promise<void> {
    if (running.size === 0 || nodes.store.byMac(packet.mac) !== undefined) return;
    const machine = readMachine(packet, settings);
    if (machine === undefined) return;
    const plans = [...running].map(({ session }) => ({ session, plan: session.plan(machine) }));
    const taker = plans.find(({ plan }) => plan.kind !== 'left-alone');
    if (taker !== undefined) return taker.session.hear(machine);
    for (const { session, plan } of plans) {
      if (plan.kind === 'left-alone') session.leaveAlone(machine, plan);
    }
  }

  return {
    hear,
    start,
    close: async () => {
      stopListening();
      for (const { end } of [...running]) end('stopping');
    },
  };
}

function alreadyRunning({ rack }: DiscoverOrder): DiscoverError {
  const where = rack === undefined ? 'outside of racks' : `for rack ${rack}`;
  const message = `expected no other discovery ${where}, found one that runs; end that one first`;
  return new DiscoverError('already-running', message);
}
