import {
  nothingWatched,
  takeNews,
  type WatchNews,
  type WatchState,
} from '../../cli/watch-model.ts';
import { apiPath } from './api.ts';
import { followLive, type LiveStatus } from './live.ts';
import { createStore } from './store.ts';

export type Watched = {
  readonly state: WatchState;
  /** False until the first news: nothing is known yet, not even that there is nothing. */
  readonly isKnown: boolean;
};

/** All machines, as the frontend tells of them. */
export const watched = createStore<Watched>({ state: nothingWatched, isKnown: false });
export const liveStatus = createStore<LiveStatus>('connecting');

/** News that come between two frames are taken in together. */
export function startWatching(): () => void {
  let waiting: { readonly news: WatchNews; readonly isAll: boolean }[] = [];
  let frame = 0;
  const takeIn = (): void => {
    frame = 0;
    const hereMs = Date.now();
    const state = waiting.reduce(
      (known, { news, isAll }) => takeNews(known, news, { isAll, hereMs }),
      watched.get().state,
    );
    waiting = [];
    watched.set({ state, isKnown: true });
  };
  const stop = followLive(
    { path: apiPath('/installs/watch') },
    {
      onData: (value, isAll) => {
        waiting.push({ news: value as WatchNews, isAll });
        frame ||= requestAnimationFrame(takeIn);
      },
      onStatus: liveStatus.set,
    },
  );
  return () => {
    cancelAnimationFrame(frame);
    stop();
  };
}

/** The frontend's time, which its figures are of. */
export function frontendNowMs(): number {
  return Date.now() + watched.get().state.aheadMs;
}
