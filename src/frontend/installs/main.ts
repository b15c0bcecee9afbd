import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabaseToRead } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import { askFrontend, noAnswer } from '../nodes/control-request.ts';
import { NodesError } from '../nodes/errors.ts';
import { createNodes } from '../nodes/main.ts';
import { readServerSent, refusalOf } from '../nodes/read-answer.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { askByUrl, type FrontendUrl } from './ask-by-url.ts';
import { type WatchNews, watchInstallsPath, watchNewsSchema } from './documents.ts';
import { readInstallLog } from './install-logs.ts';

/** Where a frontend is: by the control socket of its state folder, or by HTTP. */
export type FrontendPlace = { readonly state: string } | FrontendUrl;

export type WatchEvent =
  /** `isAll`: what is not in it is not watched. */
  | { readonly kind: 'news'; readonly news: WatchNews; readonly isAll: boolean }
  /** The frontend is away; it is asked again until it is back. */
  | { readonly kind: 'away'; readonly reason: string };

const pauseMs = 1_000;

/**
 * How far installs are, then each change, until the signal is aborted; a frontend that is started
 * anew is followed again. Throws NodesError: `not-running` or `no-answer` when there is no
 * beginning, and at any time what is wrong with the selection or the token.
 */
export async function* watchInstalls(
  place: FrontendPlace,
  selection: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void> {
  let wasThere = false;
  while (!signal.aborted) {
    let reason = 'the frontend ended';
    try {
      for await (const event of connect(place, selection, signal)) {
        wasThere = true;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!wasThere || !mayComeBack(error)) throw error;
      reason = messageOf(error);
    }
    if (signal.aborted) return;
    yield { kind: 'away', reason };
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** Asked in vain again and again, it would lock out who comes from the same address. */
function mayComeBack(error: unknown): boolean {
  if (!(error instanceof NodesError)) return true;
  return error.code === 'no-answer' || error.code === 'not-running';
}

async function* connect(
  place: FrontendPlace,
  selection: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void> {
  const query = selection.map((word) => `select=${encodeURIComponent(word)}`).join('&');
  const path = `/api/v1${watchInstallsPath}${query === '' ? '' : `?${query}`}`;
  const answer = await ask(place, path, signal);
  if (answer.statusCode !== 200) throw await refusalOf(answer);
  let isAll = true;
  for await (const news of readServerSent(answer, watchNewsSchema, signal)) {
    yield { kind: 'news', news, isAll };
    isAll = false;
  }
}

async function ask(
  place: FrontendPlace,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (!('state' in place)) return askByUrl(place, path, signal).catch(asNoAnswer);
  const answer = await askFrontend(place.state, { method: 'GET', path, signal });
  if (answer !== undefined) return answer;
  const message = `expected a frontend that runs on '${place.state}', found none`;
  throw new NodesError('not-running', `${message}; start it with 'scree frontend'`);
}

function asNoAnswer(error: unknown): never {
  throw noAnswer(error);
}

/** The end of an installer's log; empty where none was told of the node's latest install. */
export type ShownInstallLog = {
  readonly node: string;
  readonly installNumber: number;
  readonly text: string;
};

/** From the state folder, whether its frontend runs or not. Rejects as `show` of NodesOfState. */
export async function showInstallLog(state: string, name: string): Promise<ShownInstallLog> {
  const node = await createNodes({ state }).show(name);
  const database = openDatabaseToRead({ path: databasePath(state), migrations, waitMs: 2_000 });
  try {
    const text = database === undefined ? '' : readInstallLog(database, node);
    return { node: node.name, installNumber: node.installNumber, text };
  } finally {
    database?.close();
  }
}
