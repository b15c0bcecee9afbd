import { createStore } from './store.ts';

/** Where in the console one is: what stands behind the `#`. */
export type Route =
  | { readonly page: 'racks' | 'run' | 'trees' | 'discover' }
  | { readonly page: 'machine'; readonly name: string }
  | { readonly page: 'runs'; readonly id: string }
  | { readonly page: 'nowhere' };

export const route = createStore<Route>(readRoute(location.hash));

addEventListener('hashchange', () => route.set(readRoute(location.hash)));

export function machineLink(name: string): string {
  return `#/machines/${encodeURIComponent(name)}`;
}

export function readRoute(hash: string): Route {
  const [page = '', word = ''] = hash.replace(/^#\/?/, '').split('/');
  if (page === '') return { page: 'racks' };
  if (page === 'run' || page === 'trees' || page === 'discover') return { page };
  const name = decode(word);
  if (name === undefined || name === '') return { page: 'nowhere' };
  if (page === 'machines') return { page: 'machine', name };
  return page === 'runs' ? { page: 'runs', id: name } : { page: 'nowhere' };
}

function decode(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}
