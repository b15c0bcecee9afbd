import { type Manifest, ManifestError, parseManifest } from '../protocol/manifest.ts';
import { createTreeIndex } from '../protocol/tree-index.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { SwarmHost } from '../swarm/types.ts';
import { fetchDocument } from './documents.ts';
import { AgentError } from './errors.ts';
import { createFallback } from './fallback.ts';
import type { FrontendLink } from './frontend-link.ts';
import { documentLimits, type Limits } from './limits.ts';
import { createTree, type Tree } from './tree.ts';
import { createTreeOrder } from './tree-order.ts';
import { readTreeTorrent, type TreeTorrent } from './tree-torrent.ts';
import type { Trust } from './trust.ts';

export type TreeState =
  | { readonly kind: 'ready'; readonly tree: Tree }
  /** Not what the given key signed: nothing of it is handed out. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No tree that could be verified: requests are passed on to the frontend. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export type TreeId = {
  readonly name: string;
  readonly generation: number;
  readonly infohash: string;
};

export type TreeOpener = {
  readonly link: FrontendLink;
  /** Undefined when this process could not open one: then the frontend is read. */
  readonly host: SwarmHost | undefined;
  readonly trust: Trust;
  readonly limits: Limits;
  /** What this machine becomes: machines of one role read about the same. */
  readonly role: string;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** Fetches and verifies what describes one generation of a tree, then joins its swarm. */
export async function openTree(
  opener: TreeOpener,
  id: TreeId,
  offeredKey: string | undefined,
): Promise<TreeState> {
  const log = opener.log.with({ tree: id.name, generation: id.generation });
  try {
    const manifest = await fetchManifest(opener, id, offeredKey);
    const torrent = await fetchPart(opener, id, torrentPart);
    const tree = assembleTree({ opener, id, log }, manifest, readTreeTorrent(torrent, manifest));
    await tree.join();
    log.info('tree known', { files: manifest.files.length, sizeBytes: manifest.totalSize });
    return { kind: 'ready', tree };
  } catch (error) {
    const isForged = error instanceof AgentError && error.code === 'unverified';
    const kind = isForged && opener.trust.strict ? 'refused' : 'unavailable';
    if (!opener.signal.aborted) log.error(`tree ${kind}`, { reason: messageOf(error) });
    return { kind, reason: messageOf(error) };
  }
}

async function fetchManifest(
  opener: TreeOpener,
  id: TreeId,
  offeredKey: string | undefined,
): Promise<Manifest> {
  const bytes = await fetchPart(opener, id, manifestPart);
  const manifest = verifyManifest(bytes.toString('utf8'), opener.trust, offeredKey);
  if (manifest.tree === id.name && manifest.generation === id.generation) return manifest;
  throw new AgentError(
    'unverified',
    `expected the manifest of ${id.name}@${id.generation}, ` +
      `got that of ${manifest.tree}@${manifest.generation}`,
  );
}

function verifyManifest(text: string, trust: Trust, offeredKey: string | undefined): Manifest {
  try {
    return parseManifest(text, trust.keyFor(offeredKey));
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    // Half a manifest is nobody's forgery, and may come whole in a moment.
    const code = cause.cause instanceof SyntaxError ? 'cut' : 'unverified';
    throw new AgentError(code, cause.message, { cause });
  }
}

type Part = { readonly suffix: string; readonly maximumBytes: number };

const manifestPart = { suffix: '.manifest.json', maximumBytes: documentLimits.manifestBytes };
const torrentPart = { suffix: '.torrent', maximumBytes: documentLimits.torrentBytes };

async function fetchPart(
  { link, limits, signal }: TreeOpener,
  { name, generation }: TreeId,
  part: Part,
): Promise<Buffer> {
  const path = `/install/${name}@${generation}${part.suffix}`;
  const bytes = await fetchDocument(link, {
    path,
    maximumBytes: part.maximumBytes,
    reconnectMs: limits.reconnectMs,
    silenceMs: limits.answerMs,
    signal,
  });
  if (bytes !== undefined) return bytes;
  throw new AgentError('refused', `expected ${path} at the frontend, got 404`);
}

function assembleTree(
  context: { readonly opener: TreeOpener; readonly id: TreeId; readonly log: Log },
  manifest: Manifest,
  { metainfo, trackers }: TreeTorrent,
): Tree {
  const { opener, id, log } = context;
  const { host, link, limits, role } = opener;
  const index = createTreeIndex(manifest);
  const fallback = createFallback({ link, tree: id, index, silenceMs: limits.answerMs });
  return createTree({
    facts: { name: id.name, generation: id.generation, metainfo, index, fallback },
    limits,
    log,
    openOrder: (expect) =>
      createTreeOrder(
        { link, log, limits, expect },
        { tree: id.name, generation: id.generation, role, files: metainfo.files },
      ),
    openSwarm: async () => {
      if (host === undefined) throw new AgentError('refused', 'no swarm port is open here');
      return host.join({ metainfo, trackers, fallback });
    },
  });
}
