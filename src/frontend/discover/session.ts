import { messageOf } from '../../runtime/errors.ts';
import type { DhcpSettings } from '../dhcp/types.ts';
import { NodesError } from '../nodes/errors.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type BecomeDeps, becomeNode } from './become-node.ts';
import type { DiscoverEvent } from './documents.ts';
import { type Discovered, planDiscovered } from './plan-discovered.ts';
import type { DiscoverOrder, UnknownMachine } from './types.ts';

export type SessionDeps = BecomeDeps & {
  readonly settings: Pick<DhcpSettings, 'clientClasses'>;
  /** The frontend's addresses. */
  readonly ownAddresses: ReadonlySet<string>;
  readonly tell: (event: DiscoverEvent) => void;
  /** It has found as many as it was to. */
  readonly onEnough: () => void;
};

type LeftAlone = Extract<Discovered, { kind: 'left-alone' }>;
type Taken = Exclude<Discovered, LeftAlone>;

/** How often somebody else may take what a machine was to get, while it is being asked about. */
const attemptsLimit = 5;
const mostTold = 1024;
const mostFailed = 1024;

/** A discovery while it runs: each unknown machine that is heard becomes a node once. */
export class DiscoverSession {
  readonly order: DiscoverOrder;
  readonly #deps: SessionDeps;
  readonly #names = new Set<string>();
  /** What is being done, by MAC and by UUID. */
  readonly #inWork = new Map<string, Promise<void>>();
  readonly #promisedRanks = new Map<string, number | undefined>();
  /** The MACs of those with a rank promised that failed, and are not in work. */
  readonly #failed = new Set<string>();
  readonly #promisedAddresses = new Set<string>();
  /** The MACs of which it was told why they are left alone, or fail. */
  readonly #told = new Set<string>();
  #isOpen = true;

  constructor(deps: SessionDeps, order: DiscoverOrder) {
    this.#deps = deps;
    this.order = order;
  }

  /** What it would make of the machine. */
  plan(machine: UnknownMachine): Discovered {
    return planDiscovered(machine, this.order, {
      nodes: this.#deps.nodes.store,
      answeredClasses: this.#deps.settings.clientClasses,
      promised: this.#promisedRanks,
      failed: this.#failed,
      doneCount: this.#names.size,
    });
  }

  /** Resolves when the machine is a node, or it is known why it is none. Never rejects. */
  hear(machine: UnknownMachine): Promise<void> {
    const keys = [machine.mac, ...(machine.uuid === undefined ? [] : [machine.uuid])];
    const before = keys.flatMap((key) => this.#inWork.get(key) ?? []);
    // At once, so that ranks follow the order in which machines are heard.
    const work =
      before.length === 0
        ? this.#take(machine)
        : Promise.all(before).then(() => this.#take(machine));
    for (const key of keys) this.#inWork.set(key, work);
    return work.then(() => {
      for (const key of keys) if (this.#inWork.get(key) === work) this.#inWork.delete(key);
    });
  }

  leaveAlone({ mac }: UnknownMachine, { reason, text }: LeftAlone): void {
    this.#tellOnce({ event: 'left-alone', mac, reason, text });
  }

  /** One of its nodes has fetched how it is to install. */
  kickstartOf({ name }: MachineNode): void {
    if (this.#isOpen && this.#names.has(name)) this.#deps.tell({ event: 'kickstart', name });
  }

  /** From now on it changes nothing. */
  end(): void {
    this.#isOpen = false;
  }

  async #take(machine: UnknownMachine): Promise<void> {
    const { mac } = machine;
    try {
      for (let attempt = 1; attempt <= attemptsLimit; attempt += 1) {
        if (await this.#attempt(machine)) return;
      }
      throw new Error('others were faster, again and again');
    } catch (error) {
      this.#tellOnce({ event: 'failed', mac, text: messageOf(error) });
    }
  }

  /** False when somebody else has taken what it was to get. */
  async #attempt(machine: UnknownMachine): Promise<boolean> {
    const { mac } = machine;
    if (!this.#isOpen || this.#deps.nodes.store.byMac(mac) !== undefined) return true;
    const plan = this.plan(machine);
    if (plan.kind === 'left-alone') {
      this.leaveAlone(machine, plan);
      return true;
    }
    this.#failed.delete(mac);
    if (plan.kind === 'new') this.#promisedRanks.set(mac, plan.rank);
    if (plan.kind === 'replacement') this.#promisedRanks.set(mac, undefined);
    try {
      await this.#become(machine, plan);
      return true;
    } catch (error) {
      const isTaken = error instanceof NodesError && error.code === 'taken';
      if (isTaken || plan.kind !== 'new') this.#promisedRanks.delete(mac);
      else this.#keepRank(mac);
      if (isTaken) return false;
      throw error;
    }
  }

  /** A machine that failed asks again, and has its place in the order. */
  #keepRank(mac: string): void {
    const [oldest] = this.#failed;
    if (this.#failed.size >= mostFailed && oldest !== undefined) {
      this.#failed.delete(oldest);
      this.#promisedRanks.delete(oldest);
    }
    this.#failed.add(mac);
  }

  async #become(machine: UnknownMachine, plan: Taken): Promise<void> {
    const { order } = this;
    const { ownAddresses, nodes, tell, onEnough } = this.#deps;
    const search = { from: order.addressFrom, ownAddresses, promised: this.#promisedAddresses };
    const isWanted = () => this.#isOpen;
    const node = await becomeNode(this.#deps, plan, { machine, order, search, isWanted });
    this.#promisedRanks.delete(machine.mac);
    if (node === undefined) return;
    const { mac } = machine;
    const { name, address = null, uuid = null } = node;
    const event = tellOf(plan, { name, mac, address, uuid });
    nodes.events.record({ machine: name, mac, event: 'discovered', text: storyOf(plan, mac) });
    if (!this.#isOpen) return;
    tell(event);
    if (plan.kind !== 'card') this.#names.add(name);
    if (this.#names.size >= order.mostCount) onEnough();
  }

  #tellOnce(event: Extract<DiscoverEvent, { event: 'left-alone' | 'failed' }>): void {
    const key = `${event.event} ${event.mac}`;
    if (!this.#isOpen || this.#told.has(key)) return;
    const [oldest] = this.#told;
    if (this.#told.size >= mostTold && oldest !== undefined) this.#told.delete(oldest);
    this.#told.add(key);
    this.#deps.tell(event);
  }
}

type Found = {
  readonly name: string;
  readonly mac: string;
  readonly address: string | null;
  readonly uuid: string | null;
};

function tellOf({ kind }: Taken, { name, mac, address, uuid }: Found): DiscoverEvent {
  if (kind === 'card') return { event: 'card', name, mac };
  const isReplacement = kind === 'replacement';
  return { event: 'discovered', name, mac, address, uuid, isReplacement };
}

function storyOf({ kind }: Taken, mac: string): string {
  switch (kind) {
    case 'new':
      return `${mac} asked for an address, and became this node`;
    case 'replacement':
      return `${mac} asked for an address, and took this node's place`;
    case 'card':
      return `${mac} asked for an address, and is another card of this node`;
  }
}
