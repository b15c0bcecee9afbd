import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Exchange } from './install-handler.ts';

// Connections that are silent for two minutes are closed, by us and by what lies between.
const usualHeartbeatMs = 15_000;
/** Who takes nothing for so long is not there any more. */
const longestWaitMs = 60_000;

export type StreamBell = {
  /** There is something to be told. */
  readonly ring: () => void;
  /** Nothing more will be told. */
  readonly end: () => void;
};

/** What a stream tells, as lines of server-sent events. */
export type PacedStream = {
  readonly log: Pick<Log, 'warn'>;
  /** What it begins with. Throws for what is to be answered instead of it. */
  readonly first: () => string;
  /** What there is to be told since it was last asked; undefined: nothing. */
  readonly next: () => string | undefined;
  /** Says who rings; returns what ends that. */
  readonly follow: (bell: StreamBell) => () => void;
  readonly heartbeatMs?: number;
};

/**
 * Answers with server-sent events at the pace of who reads: while it takes its time nothing is
 * asked for, so nothing piles up. Resolves when the client has left, or nothing more is told.
 */
export async function streamAtPace(
  { request, response }: Exchange,
  { log, first, next, follow, heartbeatMs = usualHeartbeatMs }: PacedStream,
): Promise<void> {
  if (response.closed) return;
  const beginning = first();
  const bell = createBell();
  const heart = setInterval(bell.beat, heartbeatMs);
  const stop = follow(bell);
  response.once('close', bell.end);
  try {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') return void response.end();
    await writeAtPace(response, beginning);
    while (!bell.isOver()) {
      const news = next();
      if (news !== undefined) {
        await writeAtPace(response, news);
        // Others get their turn.
        await nextTurn();
      } else if ((await bell.heard()) === 'beat') await writeAtPace(response, ': still here\n\n');
    }
    response.end();
  } catch (error) {
    // Nothing else can be told on it any more; the client comes back for the rest.
    log.warn('stream broken off', { path: request.url, reason: messageOf(error) });
    response.destroy();
  } finally {
    clearInterval(heart);
    stop();
  }
}

/**
 * Of things with names, those that have changed: one that changed several times while the client
 * took its time is told once, as it is then.
 */
export function createChangedNames(tell: (names: readonly string[]) => string | undefined) {
  const changed = new Set<string>();
  return {
    note: (names: Iterable<string>): void => {
      for (const name of names) changed.add(name);
    },
    next: (): string | undefined => {
      if (changed.size === 0) return undefined;
      const names = [...changed];
      changed.clear();
      return tell(names);
    },
  };
}

/**
 * Writes, and resolves when the client has taken it, or most of it, or has left. One that takes
 * nothing for a minute is cut off: nothing piles up for it meanwhile, and it can come back.
 */
async function writeAtPace(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.writableEnded || response.write(text)) return;
  const abort = new AbortController();
  const { signal } = abort;
  const impatience = setTimeout(() => response.destroy(), longestWaitMs);
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    clearTimeout(impatience);
    abort.abort();
  }
}

type Bell = StreamBell & {
  /** It is time for a sign of life. */
  readonly beat: () => void;
  readonly isOver: () => boolean;
  /** Resolves when there is something to do: to look for news, or only to say something. */
  readonly heard: () => Promise<'news' | 'beat'>;
};

/** What was rung while nobody listened is heard at once. */
function createBell(): Bell {
  const rung = { news: false, heart: false, end: false };
  let wake = () => {};
  const ringer = (what: keyof typeof rung) => () => {
    rung[what] = true;
    wake();
  };
  return {
    ring: ringer('news'),
    beat: ringer('heart'),
    end: ringer('end'),
    isOver: () => rung.end,
    heard: async () => {
      if (!rung.news && !rung.heart && !rung.end) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const what = rung.news || rung.end ? 'news' : 'beat';
      if (what === 'beat') rung.heart = false;
      rung.news = false;
      return what;
    },
  };
}
