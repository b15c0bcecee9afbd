import { messageOf } from '../runtime/errors.ts';
import { AgentError } from './errors.ts';
import { createReopenPace, findPatiently } from './find-patiently.ts';
import type { FoundTree } from './found-tree.ts';
import { openTree, type TreeId, type TreeOpener, type TreeState } from './open-tree.ts';
import { createTreeListSource, type TreeList, type TreeListSource } from './tree-list.ts';
import {
  closeSlot,
  createSlot,
  isSameTree,
  mayBeUsed,
  type TreeSlot,
  useSlot,
} from './tree-slot.ts';
import { openAllTrees } from './trees-at-start.ts';
import { within } from './within.ts';

/** The trees of the frontend. Once one was asked for, its generation stays for the agent's life. */
export type Trees = {
  /** Resolves after the first attempt at the list; then all trees are opened in the background. */
  readonly start: () => Promise<void>;
  /** What requests for a tree are answered from. Looks it up when it is not known yet. */
  readonly find: (name: string) => Promise<FoundTree>;
  readonly slots: () => readonly TreeSlot[];
  /** A list of trees has come, by the frontend whose key was given; by any, if none was. */
  readonly isFrontendKnown: () => boolean;
  readonly close: () => Promise<void>;
};

export type TreesDeps = Omit<TreeOpener, 'signal'> & {
  /** What the installer needs is not what the given key vouches for. */
  readonly onRefused: (reason: string) => void;
};

export function createTrees(deps: TreesDeps): Trees {
  const { link, limits, log, trust } = deps;
  const stop = new AbortController();
  const { signal } = stop;
  let isFrontendKnown = false;
  const list = checkedList(createTreeListSource({ link, silenceMs: limits.answerMs, signal }), {
    ...deps,
    onKnown: () => {
      isFrontendKnown = true;
    },
  });
  const slots = new Map<string, TreeSlot>();
  // Who waits for a tree to be listed has to see new lists.
  const { reopenMs, listFreshMs } = limits;
  const unlistedFreshMs = trust.strict ? Math.min(reopenMs, listFreshMs) : listFreshMs;
  const pace = createReopenPace(limits);
  const finding = new Map<string, Promise<FoundTree>>();
  const open = (id: TreeId, key: string | undefined) => {
    const slot = createSlot(id, openTree({ ...deps, signal }, id, key));
    void slot.opening.then(({ kind }) => pace.note(id.name, kind));
    return slot;
  };
  const mayStay = (slot: TreeSlot) =>
    slot.wasAskedFor && mayBeUsed(slot, trust.strict ? pace.of(slot) : limits.listFreshMs);

  function find(name: string): Promise<FoundTree> {
    const known = slots.get(name);
    if (known?.state()?.kind === 'ready' && known.wasAskedFor) return useSlot(known);
    if (trust.strict) return findPatiently(() => findNow(name), { ...limits, signal });
    const late = () => new AgentError('stalled', `tree ${name} takes long to open`);
    return within(findNow(name), limits.openMs, late).catch(unknownTree);
  }

  async function findNow(name: string): Promise<FoundTree> {
    const known = slots.get(name);
    return known !== undefined && mayStay(known) ? useSlot(known) : lookUpOnce(name);
  }

  function lookUpOnce(name: string): Promise<FoundTree> {
    const running = finding.get(name) ?? lookUp(name).finally(() => finding.delete(name));
    finding.set(name, running);
    return running;
  }

  async function lookUp(name: string): Promise<FoundTree> {
    const before = slots.get(name);
    const isReady = before?.state()?.kind === 'ready';
    const freshMs = before === undefined ? unlistedFreshMs : 0;
    const patienceMs = isReady ? limits.firstListMs : limits.reconnectMs;
    try {
      return await choose(name, before, await list.get({ freshMs, patienceMs }));
    } catch (error) {
      return before === undefined ? unknownTree(error) : useSlot(before);
    }
  }

  async function choose(
    name: string,
    before: TreeSlot | undefined,
    { trees, publicKey }: TreeList,
  ): Promise<FoundTree> {
    const listed = trees.find((tree) => tree.name === name);
    if (listed === undefined)
      return before === undefined ? { kind: 'absent' } : useUnlisted(before);
    if (before !== undefined && mayBeUsed(before, 0) && isSameTree(before.id, listed)) {
      return useSlot(before);
    }
    const slot = open(listed, publicKey);
    if (before?.state()?.kind === 'ready' && (await slot.opening).kind !== 'ready') {
      return useSlot(before);
    }
    slots.set(name, slot);
    if (before !== undefined) void closeSlot(before);
    return useSlot(slot);
  }

  return {
    start: async () => {
      const first = list.get({ freshMs: 0, patienceMs: limits.firstListMs });
      await first.catch((error: unknown) => {
        log.warn('list of trees not there yet, trying on', { reason: messageOf(error) });
      });
      void openAllTrees({ list, slots, open, limits, signal });
    },
    find: async (name) => {
      const found = await find(name);
      if (found.kind === 'refused') deps.onRefused(`tree ${name}: ${found.reason}`);
      return found;
    },
    slots: () => [...slots.values()],
    isFrontendKnown: () => isFrontendKnown,
    close: async () => {
      stop.abort();
      await Promise.all([...slots.values()].map(closeSlot));
    },
  };
}

/** It was removed; or the frontend has just started, and does not list all its trees yet. */
async function useUnlisted(slot: TreeSlot): Promise<TreeState> {
  const state = await useSlot(slot);
  if (state.kind === 'ready') state.tree.noteUnlisted();
  return state;
}

/** A frontend that names another key than the given one is somebody else's. */
function checkedList(
  source: TreeListSource,
  { trust, onRefused, onKnown }: Pick<TreesDeps, 'trust' | 'onRefused'> & { onKnown: () => void },
): TreeListSource {
  return {
    get: async (options) => {
      const list = await source.get(options);
      const reason = trust.disagreesWith(list.publicKey);
      if (reason === undefined) {
        if (!trust.strict || list.publicKey !== undefined) onKnown();
        return list;
      }
      onRefused(reason);
      throw new AgentError('unverified', reason);
    },
  };
}

function unknownTree(error: unknown): FoundTree {
  if (error instanceof AgentError && error.code === 'unverified') {
    return { kind: 'refused', reason: error.message };
  }
  const isAway = error instanceof AgentError && error.code === 'unreachable';
  return { kind: isAway ? 'unreachable' : 'unavailable', reason: messageOf(error) };
}
