import { InstallPathError, parseInstallUrl } from '../protocol/install-path.ts';
import type { PlacedFile } from '../protocol/tree-index.ts';
import type { FoundTree } from './found-tree.ts';
import { isLoopbackAddress, isLoopbackName } from './loopback.ts';
import type { Tree } from './tree.ts';

export type Route =
  | { readonly kind: 'swarm'; readonly tree: Tree; readonly placed: PlacedFile }
  | {
      readonly kind: 'frontend';
      /** The request target there. */
      readonly target: string;
      /** Set when a verified manifest says that there is no such file. */
      readonly absentFrom?: string;
    }
  | { readonly kind: 'agent'; readonly page: 'status' | 'healthz' }
  /** What the installer tells its agent. */
  | { readonly kind: 'control'; readonly target: string }
  | { readonly kind: 'refuse'; readonly status: RefusalStatus; readonly reason: string };

type RefusalStatus = 403 | 404 | 502 | 503 | 504;

/** What is known of a request before its tree was looked up. */
export type Asked =
  | {
      readonly kind: 'tree';
      readonly name: string;
      readonly generation: number | undefined;
      readonly path: string;
      readonly target: string;
    }
  | Exclude<Route, { readonly kind: 'swarm' }>;

export type RequestFacts = {
  /** As it came: origin form, or absolute form from a client that uses the agent as its proxy. */
  readonly url: string;
  readonly method: string;
  /** Of the socket. What headers say about the host counts for nothing. */
  readonly remoteAddress: string | undefined;
  readonly localPort: number | undefined;
};

/** First step, pure: who asks for what. Only a path below a tree needs the second. */
export function decideAsked(request: RequestFacts, frontend: URL): Asked {
  if (!isLoopbackAddress(request.remoteAddress)) {
    return refuse(403, 'this agent serves the installer of its own machine only');
  }
  const target = originForm(request, frontend);
  if (target === undefined) {
    return refuse(403, `expected a URL of ${frontend.origin} or of this machine, got another host`);
  }
  const page = /^\/agent\/(status|healthz)(?:\?|$)/.exec(target)?.[1];
  if (page === 'status' || page === 'healthz') return { kind: 'agent', page };
  if (/^\/agent(?:[/?]|$)/.test(target)) return { kind: 'control', target };
  return decideBelowInstall(request.method, target);
}

/**
 * Second step, pure: where the bytes come from. `strict`: what is below a tree's name is handed out
 * verified or not at all.
 */
export function decideRoute(
  asked: Extract<Asked, { kind: 'tree' }>,
  found: FoundTree,
  { strict }: { readonly strict: boolean } = { strict: false },
): Route {
  const route = decideAnyRoute(asked, found);
  return strict && route.kind === 'frontend' ? refuseUnverified(asked, found) : route;
}

function refuseUnverified({ name }: Extract<Asked, { kind: 'tree' }>, found: FoundTree): Route {
  if (found.kind === 'unavailable') {
    return refuse(503, `tree ${name} cannot be verified now: ${found.reason}`);
  }
  if (found.kind !== 'ready') return refuse(404, `expected a tree of the frontend, got ${name}`);
  const { name: tree, generation } = found.tree;
  return refuse(404, `expected a file of ${tree}@${generation}, got none of it`);
}

function decideAnyRoute(asked: Extract<Asked, { kind: 'tree' }>, found: FoundTree): Route {
  switch (found.kind) {
    case 'refused':
      return refuse(502, `tree ${asked.name} is refused: ${found.reason}`);
    case 'unreachable':
      return refuse(504, found.reason);
    case 'absent':
    case 'unavailable':
      return { kind: 'frontend', target: asked.target };
    case 'ready':
      return decideInTree(asked, found.tree);
  }
}

function decideBelowInstall(method: string, target: string): Asked {
  const onward = { kind: 'frontend', target } as const;
  if (method !== 'GET' && method !== 'HEAD') return onward;
  try {
    const parsed = parseInstallUrl(target);
    if (parsed === undefined || parsed.path === '') return onward;
    const { tree: name, generation, path } = parsed;
    return { kind: 'tree', name, generation, path, target };
  } catch (error) {
    // The frontend says what is wrong with it.
    if (error instanceof InstallPathError) return onward;
    throw error;
  }
}

function decideInTree(asked: Extract<Asked, { kind: 'tree' }>, tree: Tree): Route {
  const isOurs = asked.generation === undefined || asked.generation === tree.generation;
  if (!isOurs) return { kind: 'frontend', target: asked.target };
  const placed = tree.index.lookup(asked.path);
  if (placed !== undefined) return { kind: 'swarm', tree, placed };
  // An install must not see a file of another generation than the rest of its files.
  const generationName = `${tree.name}@${tree.generation}`;
  const target = asked.target.replace(/^(\/+[^/]+\/+)[^/?]+/, `$1${generationName}`);
  return { kind: 'frontend', target, absentFrom: generationName };
}

/** RFC 9112, 3.2. Undefined for a URL of a host that is neither the frontend nor this machine. */
function originForm({ url, localPort }: RequestFacts, frontend: URL): string | undefined {
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url);
  if (absolute === null) return asciiOnly(url);
  const [, scheme = '', authority = '', rest = ''] = absolute;
  const host = /^(\[[^\]]*\]|[^:@]*)(?::(\d*))?$/.exec(authority);
  if (scheme.toLowerCase() !== 'http' || host === null) return undefined;
  const [, name = '', port = ''] = host;
  const isFrontend =
    name.toLowerCase() === frontend.hostname && portOf(port) === portOf(frontend.port);
  const isHere = isLoopbackName(name) && (port === '' || portOf(port) === localPort);
  if (!isFrontend && !isHere) return undefined;
  return asciiOnly(rest.startsWith('/') ? rest : `/${rest}`);
}

/** Clients may send UTF-8 as it is; node:http gives its bytes as Latin-1. */
function asciiOnly(target: string): string {
  return target.replaceAll(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

function portOf(text: string): number {
  return text === '' ? 80 : Number(text);
}

function refuse(status: RefusalStatus, reason: string): Extract<Route, { kind: 'refuse' }> {
  return { kind: 'refuse', status, reason };
}
