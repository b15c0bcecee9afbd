import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';

/** Named parts of something that changes, each as JSON. */
export type Parts = Readonly<Record<string, string>>;

/** What tells of no change by itself, looked at now and then while somebody wants to know. */
export type Looks = {
  /** As it is now. Rejects with what looking throws. */
  readonly now: () => Promise<Parts>;
  /** As it was seen last. */
  readonly seen: () => Parts;
  /** Tells the listener when a part is another one than before; what is returned ends that. */
  readonly follow: (listener: () => void) => () => void;
};

const lookEveryMs = 1_000;

/** However many follow it, it is looked once a time; and not at all when nobody does. */
export function createLooks(
  { log, look }: { readonly log: Pick<Log, 'warn'>; readonly look: () => Promise<Parts> },
  { everyMs = lookEveryMs }: { readonly everyMs?: number } = {},
): Looks {
  const listeners = new Set<() => void>();
  let parts: Parts = {};
  let isWaiting = false;
  let isFailing = false;

  const now = async (): Promise<Parts> => {
    const found = await look();
    const isNews = Object.keys(found).some((key) => found[key] !== parts[key]);
    parts = found;
    if (isNews) for (const tell of listeners) tell();
    return parts;
  };
  const lookAgain = async (): Promise<void> => {
    try {
      await now();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn('what is served not looked at', { reason: messageOf(error) });
      isFailing = true;
    }
    isWaiting = false;
    lookLater();
  };
  const lookLater = (): void => {
    if (isWaiting || listeners.size === 0) return;
    isWaiting = true;
    setTimeout(() => void lookAgain(), everyMs).unref();
  };
  return {
    now,
    seen: () => parts,
    follow: (listener) => {
      listeners.add(listener);
      lookLater();
      return () => void listeners.delete(listener);
    },
  };
}
