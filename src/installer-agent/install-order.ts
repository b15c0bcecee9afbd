import { Readable } from 'node:stream';
import * as v from 'valibot';
import {
  installOrderPath,
  longestOrder,
  type OrderAnswer,
  type OrderReport,
  orderAnswerSchema,
} from '../protocol/install-order.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { readBody } from './documents.ts';
import type { FrontendLink } from './frontend-link.ts';
import type { Limits } from './limits.ts';

/** Tells the frontend in which order the installer asks for files, and hears how others did. */
export type InstallOrder = {
  /** The installer reads the file at this place of the manifest, until it calls what is returned. */
  readonly begin: (place: number) => () => void;
  readonly close: () => void;
};

export type InstallOrderDeps = {
  readonly link: FrontendLink;
  readonly log: Log;
  readonly limits: Pick<Limits, 'answerMs' | 'settledMs'>;
  /** What will probably be asked for; called again when more of it is known. */
  readonly expect: (places: readonly number[], isWhole: boolean) => void;
};

export type InstallOrderConfig = {
  readonly tree: string;
  readonly generation: number;
  readonly role: string;
  readonly fileCount: number;
};

const soonMs = 200;
const awayMs = 30_000;
/** For a frontend that learns no orders, or does not have the tree just now. */
const unwantedMs = 300_000;
const longestAnswerBytes = 512 * 1024;

/** Says what was not expected, and hears what others did, every few seconds while files are read. */
export function createInstallOrder(
  deps: InstallOrderDeps,
  config: InstallOrderConfig,
): InstallOrder {
  const abort = new AbortController();
  const asked = new Set<number>();
  const heard = { version: '', places: new Set<number>(), isWhole: false };
  let saidCount = 0;
  let settledCount = 0;
  let openReads = 0;
  let quietSinceMs = Number.NEGATIVE_INFINITY;
  let firstMs = soonMs;
  let againMs = awayMs;
  let isSaying = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;

  function wake(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (abort.signal.aborted || dueAtMs <= atMs) return;
    dueAtMs = atMs;
    if (!isSaying) schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (!Number.isFinite(dueAtMs) || abort.signal.aborted) return;
    timer = setTimeout(() => void say(), Math.max(0, dueAtMs - performance.now())).unref();
  }

  async function say(): Promise<void> {
    isSaying = true;
    dueAtMs = Number.POSITIVE_INFINITY;
    try {
      await sayNow();
    } catch (error) {
      againMs = awayMs;
      if (!abort.signal.aborted)
        deps.log.debug('order of files not told', { reason: messageOf(error) });
    }
    isSaying = false;
    // When nothing is read any more there is nothing to hear either.
    if (asked.size > settledCount || heard.version === '') wake(againMs);
    schedule();
  }

  async function sayNow(): Promise<void> {
    const all = [...asked].slice(0, longestOrder);
    const isQuiet = performance.now() - quietSinceMs >= deps.limits.settledMs;
    const isSettled = isQuiet && openReads === 0 && all.length > settledCount;
    const answer = await post(deps, config, {
      ...{ role: config.role, version: heard.version, knownCount: heard.places.size },
      asked: all.slice(saidCount).filter((place) => !heard.places.has(place)),
      ...(isSettled ? { settled: all } : {}),
      signal: abort.signal,
    });
    if (answer === undefined) {
      firstMs = unwantedMs;
      againMs = unwantedMs;
      dueAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    if (isSettled) settledCount = all.length;
    // Another order may not have what was said for the one before.
    saidCount = answer.version === heard.version || heard.version === '' ? all.length : 0;
    hear(answer);
  }

  function hear(answer: OrderAnswer): void {
    againMs = answer.againSeconds * 1000 * (0.9 + Math.random() / 5);
    const isNews = answer.version !== heard.version || answer.places.length > 0;
    const before = answer.from === 0 ? [] : [...heard.places].slice(0, answer.from);
    heard.version = answer.version;
    heard.places = new Set([...before, ...answer.places]);
    heard.isWhole = answer.isWhole;
    // Before the first request it is not certain that this is the tree.
    if (isNews && (answer.isLatest || asked.size > 0)) expectHeard();
  }

  function expectHeard(): void {
    deps.expect([...heard.places], heard.isWhole);
  }

  wake(0);
  return {
    begin: (place) => {
      openReads += 1;
      if (asked.size === 0 && heard.places.size > 0) expectHeard();
      wake(asked.size === 0 ? firstMs : againMs);
      asked.add(place);
      return () => {
        openReads -= 1;
        quietSinceMs = performance.now();
      };
    },
    close: () => {
      abort.abort();
      clearTimeout(timer);
    },
  };
}

/** Undefined: this frontend learns no orders, or not of this tree. */
async function post(
  { link, limits }: InstallOrderDeps,
  { tree, generation, fileCount }: InstallOrderConfig,
  { signal, ...report }: OrderReport & { readonly signal: AbortSignal },
): Promise<OrderAnswer | undefined> {
  const body = Buffer.from(JSON.stringify(report));
  const type = ['Content-Type', 'application/json', 'Content-Length', String(body.length)];
  const answer = await link.ask({
    method: 'POST',
    path: installOrderPath(tree, generation),
    headers: ['Host', link.url.host, ...type],
    body: Readable.from([body]),
    // Said twice it is the same.
    isRepeatable: true,
    ...{ signal, silenceMs: limits.answerMs, reconnectMs: 0 },
  });
  const text = (await readBody(answer, longestAnswerBytes)).toString('utf8');
  const status = answer.statusCode ?? 0;
  if (status === 404 || status === 405 || status === 400) return undefined;
  if (status !== 200) throw new Error(`the frontend answered ${status}`);
  const heard = v.parse(orderAnswerSchema, JSON.parse(text));
  return { ...heard, places: heard.places.filter((place) => place < fileCount) };
}
