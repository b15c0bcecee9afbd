import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Who takes nothing for so long is not there any more. */
const longestWaitMs = 60_000;

/**
 * Writes, and resolves when the client has taken it, or most of it, or has left. One that takes
 * nothing for a minute is cut off: nothing piles up for it meanwhile, and it can come back.
 */
export async function writeAtPace(response: ServerResponse, text: string): Promise<void> {
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

export type StreamBell = {
  /** There is something to be told. */
  readonly ring: () => void;
  /** It is time for a sign of life. */
  readonly beat: () => void;
  /** Nothing more is to be told. */
  readonly end: () => void;
  readonly isOver: () => boolean;
  /** Resolves when there is something to do: to look for news, or only to say something. */
  readonly heard: () => Promise<'news' | 'beat'>;
};

/** What was rung while nobody listened is heard at once. */
export function createStreamBell(): StreamBell {
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
