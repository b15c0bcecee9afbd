import { isWildcard } from '../tracker/address.ts';
import type { Frontend } from './composition.ts';
import type { Config } from './config.ts';

/** What the frontend says on stdout, after `ready`, once it serves. */
export function renderReady(
  frontend: Pick<Frontend, 'url' | 'trackerEndpoint' | 'seedEndpoint' | 'treeCount'>,
  { http, tracker, seed }: Pick<Config, 'http' | 'tracker' | 'seed'>,
): string {
  const { url, trackerEndpoint, seedEndpoint, treeCount } = frontend;
  const text = `${url} tracker ${trackerEndpoint} seed ${seedEndpoint} trees ${treeCount()}`;
  const onAll = Object.entries({ http, tracker, seed }).flatMap(([name, { listen }]) =>
    isWildcard(listen.host) ? [name] : [],
  );
  // Their addresses in the text are one of several.
  return onAll.length === 0 ? text : `${text} (on all addresses: ${onAll.join(', ')})`;
}
