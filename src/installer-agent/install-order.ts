import { Readable } from 'node:stream';
import * as v from 'valibot';
import {
  installOrderPath,
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
  /** The installer asks for the file at this place of the manifest. */
  readonly asked: (place: number) => void;
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
const longestAnswerBytes = 512 * 1024;

/** Who reads what was not expected says so at once, who reads as expected now and then. */
export function createInstallOrder(
  deps: InstallOrderDeps,
  config: InstallOrderConfig,
): InstallOrder {
  const abort = new AbortController();
  const asked = new Set<number>();
  let unsaid: number[] = [];
  let known: number[] = [];
  let isKnown = new Set<number>();
  let version = '';
  let lastAskedAtMs = Number.NEGATIVE_INFINITY;
  let settledCount = 0;
  let againMs = soonMs;
  let isRefused = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs = 0;

  function wake(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (isRefused || abort.signal.aborted || (timer !== undefined && dueAtMs <= atMs)) return;
    clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(() => void say(), delayMs).unref();
  }

  async function say(): Promise<void> {
    const isSettled = performance.now() - lastAskedAtMs >= deps.limits.settledMs;
    const settled = isSettled && asked.size > settledCount ? [...asked] : undefined;
    const news = unsaid;
    unsaid = [];
    try {
      const answer = await post(deps, config, {
        ...{ role: config.role, version, knownCount: known.length, asked: news },
        ...(settled === undefined ? {} : { settled }),
        signal: abort.signal,
      });
      if (answer === undefined) isRefused = true;
      else hear(answer);
      if (settled !== undefined) settledCount = settled.length;
    } catch (error) {
      if (abort.signal.aborted) return;
      unsaid.unshift(...news);
      againMs = awayMs;
      deps.log.debug('order of files not told', { reason: messageOf(error) });
    }
    timer = undefined;
    // When nothing is asked for any more there is nothing to hear either.
    if (asked.size > settledCount) wake(againMs);
  }

  function hear(answer: OrderAnswer): void {
    againMs = answer.againSeconds * 1000 * (0.9 + Math.random() / 5);
    const isNews = answer.version !== version || answer.places.length > 0;
    version = answer.version;
    known = [...known.slice(0, answer.from), ...answer.places];
    isKnown = new Set(known);
    unsaid = unsaid.filter((place) => !isKnown.has(place));
    // Before the first request it is not certain that this is the tree.
    if (isNews && (answer.isLatest || asked.size > 0)) deps.expect(known, answer.isWhole);
  }

  wake(0);
  return {
    asked: (place) => {
      lastAskedAtMs = performance.now();
      if (asked.has(place)) return;
      const isFirst = asked.size === 0;
      asked.add(place);
      if (isFirst && known.length > 0) deps.expect(known, true);
      if (!isKnown.has(place)) unsaid.push(place);
      wake(isFirst ? soonMs : Math.max(againMs, soonMs));
    },
    close: () => {
      abort.abort();
      clearTimeout(timer);
    },
  };
}

/** Undefined: this frontend learns no orders. */
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
