import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { treeNamePattern } from '../protocol/install-path.ts';
import { messageOf } from '../runtime/errors.ts';
import { fetchDocument } from './documents.ts';
import { AgentError } from './errors.ts';
import type { FrontendLink } from './frontend-link.ts';
import { documentLimits } from './limits.ts';
import { within } from './within.ts';

const listSchema = v.object({
  trees: v.array(
    v.object({
      name: v.pipe(v.string(), v.regex(treeNamePattern)),
      generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      infohash: v.pipe(v.string(), v.length(40), v.hexadecimal()),
    }),
  ),
  /** PEM; believed only when no key was given. */
  publicKey: v.optional(v.string()),
});

/** `/install/trees.json`: the newest generation of each tree. */
export type TreeList = Readonly<v.InferOutput<typeof listSchema>>;

export type TreeListSource = {
  /**
   * The list, not older than `freshMs`; callers at the same moment share one request. Throws
   * AgentError when it cannot be had within `patienceMs`, or is nonsense.
   */
  readonly get: (options: {
    readonly freshMs: number;
    readonly patienceMs: number;
  }) => Promise<TreeList>;
};

const attemptMs = 1_000;
const pauseMs = 100;

/** A frontend without the list, which is not one of ours, has no trees: all of it is passed on. */
export function createTreeListSource(options: {
  readonly link: FrontendLink;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}): TreeListSource {
  let last: { readonly list: TreeList; readonly atMs: number } | undefined;
  let running: Promise<TreeList> | undefined;

  async function fetchList(): Promise<TreeList> {
    const list = parseTreeList(
      await fetchDocument(options.link, {
        ...options,
        path: '/install/trees.json',
        maximumBytes: documentLimits.listBytes,
        reconnectMs: attemptMs,
      }),
    );
    last = { list, atMs: performance.now() };
    return list;
  }

  function shareFetch(): Promise<TreeList> {
    running ??= fetchList().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    get: async ({ freshMs, patienceMs }) => {
      const startMs = performance.now();
      if (last !== undefined && startMs - last.atMs <= freshMs) return last.list;
      for (;;) {
        const leftMs = Math.max(0, startMs + patienceMs - performance.now());
        try {
          return await within(shareFetch(), leftMs, () => lateList(patienceMs));
        } catch (error) {
          const maySucceed = error instanceof AgentError && /^(unreachable|cut)$/.test(error.code);
          const isLate = performance.now() - startMs >= patienceMs;
          if (!maySucceed || isLate || options.signal.aborted) throw error;
        }
        await sleep(pauseMs, undefined, { signal: options.signal });
      }
    },
  };
}

function lateList(patienceMs: number): AgentError {
  const text = `expected the frontend's list of trees within ${patienceMs} ms; is it running?`;
  return new AgentError('unreachable', text);
}

function parseTreeList(body: Buffer | undefined): TreeList {
  if (body === undefined) return { trees: [] };
  try {
    return v.parse(listSchema, JSON.parse(body.toString('utf8')));
  } catch (cause) {
    const text = `expected a list of trees in /install/trees.json, got ${messageOf(cause)}`;
    throw new AgentError('refused', text, { cause });
  }
}
