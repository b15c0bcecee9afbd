import type { ProgressAnswer, ProgressReport } from '../../protocol/install-progress.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { EventLog } from '../nodes/event-log.ts';
import type { NodeStore } from '../nodes/store.ts';
import type { MachineNode } from '../nodes/types.ts';
import { decideLinger, type Fellow, isNeedy } from './decide-linger.ts';
import type { Installs } from './installs.ts';
import { type InstallProgress, latestPhase, mergeProgress } from './merge-progress.ts';
import type { ProgressRows } from './progress-rows.ts';
import { listRackAddresses, type RackAddresses } from './rack-addresses.ts';
import type { TokenHolder } from './token.ts';

/** How far each install is. What is told is in memory at once, and in the database every second. */
export type InstallsProgress = {
  /** As of Installs; the same token asked again costs nothing, however many nodes there are. */
  readonly holderOf: (token: string) => TokenHolder;
  /** `over`: its install ended long ago. */
  readonly take: (
    node: MachineNode,
    report: ProgressReport,
    address: string | undefined,
  ) => ProgressAnswer | 'over';
  /** Of its latest install. */
  readonly of: (node: MachineNode) => InstallProgress | undefined;
  /** Tells, once a second at most, of which nodes there is news; what is returned ends that. */
  readonly follow: (listener: (names: readonly string[]) => void) => () => void;
  readonly close: () => Promise<void>;
};

export type ProgressDeps = {
  readonly log: Log;
  readonly nodes: {
    readonly progress: ProgressRows;
    readonly store: Pick<NodeStore, 'byName' | 'all' | 'onChange'>;
    readonly events: Pick<EventLog, 'record'>;
  };
  readonly installs: Pick<Installs, 'holderOf' | 'heard'>;
  readonly nowMs?: () => number;
};

const keepEveryMs = 1_000;
const lookEveryMs = 500;
/** A machine that is done goes on telling while its rack needs it. */
const afterEndMs = 15 * 60_000;
const mostTokens = 65_536;

/** Throws DatabaseError. */
export function createInstallsProgress(deps: ProgressDeps): InstallsProgress {
  const { log, installs, nowMs = Date.now } = deps;
  const { progress: rows, store, events } = deps.nodes;
  const all = new Map(rows.read());
  const tokens = new Map<string, string>();
  const listeners = new Set<(names: readonly string[]) => void>();
  let fresh = new Set<string>();
  let isFailing = false;

  const of = ({ name, installNumber }: MachineNode): InstallProgress | undefined => {
    const progress = all.get(name);
    return progress?.installNumber === installNumber ? progress : undefined;
  };
  const look = createLooks({ store, of, nowMs });

  const keep = (): void => {
    if (fresh.size === 0) return;
    const names = [...fresh];
    try {
      rows.keep(new Map(names.flatMap((name) => entryOf(name, all.get(name)))));
      fresh = new Set();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn('progress of installs not kept', { reason: messageOf(error) });
      isFailing = true;
    }
    for (const listener of listeners) listener(names);
  };
  const keeping = setInterval(keep, keepEveryMs).unref();
  const stopForgetting = store.onChange((changes) => {
    for (const { before, after } of changes) {
      if (before !== undefined && after === undefined) all.delete(before.name);
    }
  });

  function holderOf(token: string): TokenHolder {
    const node = store.byName(tokens.get(token) ?? '');
    // Of a number that is not the latest it is a token no longer.
    if (node !== undefined && token.startsWith(`${node.installNumber}-`)) {
      return { kind: 'node', node };
    }
    const holder = installs.holderOf(token);
    if (tokens.size >= mostTokens) tokens.clear();
    if (holder.kind === 'node') tokens.set(token, holder.node.name);
    return holder;
  }

  function note(node: MachineNode, progress: InstallProgress): void {
    const before = of(node);
    all.set(node.name, progress);
    fresh.add(node.name);
    if (hasGoneOn(before, progress)) installs.heard(node, `said: ${describeProgress(progress)}`);
    for (const phase of progress.phases) {
      if (before?.phases.some(({ name }) => name === phase.name)) continue;
      const text = phase.detail === undefined ? phase.name : `${phase.name}: ${phase.detail}`;
      events.record({ machine: node.name, event: 'install-progress', text });
    }
  }

  return {
    holderOf,
    take: (node, report, address) => {
      const isOver = node.bootState === 'os' && nowMs() - node.stateAtMs > afterEndMs;
      if (isOver) return 'over';
      const moment = { installNumber: node.installNumber, nowMs: nowMs(), address };
      const merged = mergeProgress(all.get(node.name), report, moment);
      if (merged !== undefined) note(node, merged);
      return { ...look.linger(node), ...look.rack(node, report.rackVersion) };
    },
    of,
    follow: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      clearInterval(keeping);
      stopForgetting();
      keep();
      listeners.clear();
    },
  };
}

type LooksDeps = Pick<InstallsProgress, 'of'> &
  Pick<ProgressDeps['nodes'], 'store'> & { readonly nowMs: () => number };

/** What is told of all machines together is looked at now and then, not at each report. */
function createLooks({ store, of, nowMs }: LooksDeps) {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let needy: readonly Fellow[] = [];
  let racks: ReadonlyMap<number, RackAddresses> = new Map();

  function look(): void {
    // What is between two looks may be a clock that was set.
    if (Math.abs(nowMs() - lookedAtMs) < lookEveryMs) return;
    lookedAtMs = nowMs();
    const nodes = store.all();
    needy = nodes.map(fellowOf).filter((fellow) => isNeedy(fellow, lookedAtMs));
    racks = listRackAddresses(
      nodes.map((node) => ({
        rack: node.rack,
        address: node.address,
        heardFrom: of(node)?.address,
      })),
    );
  }

  const fellowOf = (node: MachineNode): Fellow => ({ ...node, progress: of(node) });
  return {
    /** Of a machine that is done; of others nothing is to be said yet. */
    linger: (node: MachineNode): Pick<ProgressAnswer, 'lingerSeconds'> => {
      const self = fellowOf(node);
      const isDone = self.progress?.phases.some(({ name }) => name === 'done') ?? false;
      if (!isDone && node.bootState !== 'os' && node.bootState !== 'failed') return {};
      look();
      return { lingerSeconds: decideLinger(self, needy, nowMs()) };
    },
    rack: ({ rack }: MachineNode, known: string | undefined): Pick<ProgressAnswer, 'rack'> => {
      if (rack === undefined) return {};
      look();
      const own = racks.get(rack);
      if (own === undefined || own.version === known) return {};
      return { rack: { version: own.version, addresses: own.addresses.slice(0, 4_096) } };
    },
  };
}

function entryOf(
  name: string,
  progress: InstallProgress | undefined,
): readonly [string, InstallProgress][] {
  return progress === undefined ? [] : [[name, progress]];
}

/** A report that only says that nothing is new is no sign of an install that goes on. */
function hasGoneOn(before: InstallProgress | undefined, after: InstallProgress): boolean {
  const facts = ({ phases, packages, bytes }: InstallProgress) =>
    JSON.stringify([phases, packages, bytes]);
  return before === undefined || facts(before) !== facts(after);
}

function describeProgress(progress: InstallProgress): string {
  const { packages } = progress;
  const phase = latestPhase(progress)?.name ?? 'no phase';
  if (packages === undefined) return phase;
  const { done, total } = packages;
  return `${phase}, ${done}${total === undefined ? '' : ` of ${total}`} packages`;
}
