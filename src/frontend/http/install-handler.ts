import type { IncomingMessage, ServerResponse } from 'node:http';
import { installUrlPath } from '../../protocol/install-path.ts';
import { encodeTorrent, type TorrentSources } from '../../protocol/metainfo.ts';
import type { PlacedFile } from '../../protocol/tree-index.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { FileTorrentError, type FileTorrents } from '../file-torrents.ts';
import { TreeError } from '../trees/errors.ts';
import type { Generation, TreeCatalog } from '../trees/types.ts';
import { chooseInstallTarget } from './install-target.ts';
import { createDocument, sendDocument, sendText } from './replies.ts';
import type { TreeDocuments } from './tree-documents.ts';

export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

export type InstallDeps = {
  readonly log: Log;
  readonly trees: Pick<TreeCatalog, 'newest' | 'get'>;
  readonly documents: TreeDocuments;
  readonly fileTorrents: Pick<FileTorrents, 'get'>;
  /** The announce URLs and the web seed for the client of this connection. */
  readonly sources: (request: IncomingMessage, webSeedPath: string) => TorrentSources;
  readonly sendFile: (
    exchange: Exchange,
    generation: Generation,
    file: PlacedFile,
  ) => Promise<void>;
};

/** Answers GET and HEAD of everything below `/install/`. */
export function createInstallHandler(deps: InstallDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    try {
      await answer(deps, exchange);
    } catch (error) {
      answerFailure(deps.log, exchange, error);
    }
  };
}

async function answer(deps: InstallDeps, exchange: Exchange): Promise<void> {
  const target = chooseInstallTarget(exchange.request.url ?? '');
  if (target.kind === 'bad') return sendText(exchange.response, 400, shorten(target.reason));
  if (target.kind === 'nothing') return notFound(exchange, '/install/<tree>/<path>');
  if (target.kind === 'tree-list') return send(exchange, deps.documents.list());
  const generation = findGeneration(deps, target);
  if (generation === undefined) return notFound(exchange, `a tree '${nameOf(target)}'`);
  if (target.kind === 'file') return sendFileOrItsTorrent(deps, exchange, generation, target.path);
  if (target.kind === 'manifest') return sendManifest(deps, exchange, generation);
  return sendTreeTorrent(deps, exchange, generation);
}

type NamedTree = { readonly tree: string; readonly generation?: number };

function findGeneration({ trees }: InstallDeps, { tree, generation }: NamedTree) {
  return generation === undefined ? trees.newest(tree) : trees.get(tree, generation);
}

/** A file that is not what was hashed is answered 500, or by a short body once that has begun. */
function answerFailure(log: Log, { request, response }: Exchange, error: unknown): void {
  if (error instanceof FileTorrentError) {
    sendText(response, 503, messageOf(error), { 'retry-after': '5' });
    return;
  }
  if (!(error instanceof TreeError)) throw error;
  log.error('file not served', { path: request.url, reason: messageOf(error) });
  if (response.headersSent) response.destroy();
  else sendText(response, 500, messageOf(error));
}

async function sendManifest(
  { documents }: InstallDeps,
  exchange: Exchange,
  generation: Generation,
): Promise<void> {
  const accepted = String(exchange.request.headers['accept-encoding'] ?? '');
  const encoding = acceptsGzip(accepted) ? 'gzip' : 'identity';
  exchange.response.setHeader('vary', 'accept-encoding');
  await send(exchange, await documents.manifest(generation, encoding));
}

async function sendTreeTorrent(
  { documents, sources }: InstallDeps,
  exchange: Exchange,
  generation: Generation,
): Promise<void> {
  await send(exchange, documents.torrent(generation, sources(exchange.request, '/install/')));
}

async function sendFileOrItsTorrent(
  deps: InstallDeps,
  exchange: Exchange,
  generation: Generation,
  path: string,
): Promise<void> {
  const file = generation.lookup(path);
  if (file !== undefined) return deps.sendFile(exchange, generation, file);
  const described = path.endsWith('.torrent') ? path.slice(0, -'.torrent'.length) : '';
  const content = described === '' ? undefined : generation.lookup(described);
  if (content === undefined) {
    return notFound(exchange, `a file '${path}' in tree '${generation.tree}'`);
  }
  if (content.file.size === 0) return notFound(exchange, `bytes to share in '${described}'`);
  await sendFileTorrent(deps, exchange, generation, content);
}

async function sendFileTorrent(
  { fileTorrents, sources }: InstallDeps,
  exchange: Exchange,
  generation: Generation,
  content: PlacedFile,
): Promise<void> {
  const metainfo = await fileTorrents.get(generation, content);
  // The generation is named, so that the web seed keeps its bytes when a newer one comes.
  const webSeed = installUrlPath(generation.tree, content.file.path, generation.generation);
  const document = createDocument({
    bytes: encodeTorrent(metainfo, sources(exchange.request, webSeed)),
    contentType: 'application/x-bittorrent',
    lastModified: new Date(generation.manifest.createdAt),
  });
  await send(exchange, document);
}

function send({ request, response }: Exchange, document: Parameters<typeof sendDocument>[2]) {
  return sendDocument(request, response, document);
}

function notFound({ response }: Exchange, expected: string): void {
  sendText(response, 404, `${shorten(`expected ${expected}`)}, found none`);
}

function nameOf(target: NamedTree): string {
  return target.generation === undefined ? target.tree : `${target.tree}@${target.generation}`;
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

/** RFC 9110, 12.5.3, as far as gzip goes. */
function acceptsGzip(header: string): boolean {
  return header
    .toLowerCase()
    .split(',')
    .some((item) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(item));
}
