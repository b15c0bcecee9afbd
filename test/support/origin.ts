import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentTypeOf, planFileResponse } from '../../src/protocol/http-file.ts';
import { parseInstallUrl } from '../../src/protocol/install-path.ts';
import { createTreeIndex } from '../../src/protocol/tree-index.ts';
import type { SmallTree } from './small-tree.ts';

export type Script = (request: IncomingMessage, response: ServerResponse) => void;

/** A plain HTTP server in the frontend's place, which serves small trees and does as it is told. */
export type Origin = {
  readonly url: URL;
  /** May be changed at any time; the last of a name is its newest generation. */
  readonly trees: SmallTree[];
  /** By path without query; they come before everything else. */
  readonly scripts: Map<string, Script>;
  /** What trees.json names as the key. */
  publicKey: string | undefined;
  /** `METHOD url` of each request, as it came. */
  readonly log: string[];
  /** Stops listening and cuts all connections; `start` takes the same port again. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
};

export async function createOrigin(trees: readonly SmallTree[] = []): Promise<Origin> {
  // An address of its own: while it is stopped, no other test's server can come to its port.
  const host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  let server: Server | undefined;
  let port = 0;

  async function start(): Promise<void> {
    server = createServer((request, response) => answer(origin, request, response));
    server.listen(port, host);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, 'close');
    closing.close();
    closing.closeAllConnections();
    await closed;
  }

  const origin: Origin = {
    get url() {
      return new URL(`http://${host}:${port}`);
    },
    trees: [...trees],
    scripts: new Map(),
    publicKey: undefined,
    log: [],
    start,
    stop,
  };
  await start();
  return origin;
}

function answer(origin: Origin, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  origin.log.push(`${request.method} ${url}`);
  const script = origin.scripts.get(url.replace(/\?.*$/, '').replace(/^\/+/, '/'));
  if (script !== undefined) return script(request, response);
  if (url === '/install/trees.json') return sendText(response, 200, listTrees(origin));
  const document = /^\/install\/([^/@]+)@(\d+)\.(manifest\.json|torrent)$/.exec(url);
  if (document !== null) return sendDocument(origin, document, response);
  sendFile(origin, request, response);
}

function listTrees({ trees, publicKey }: Origin): string {
  const newest = new Map(trees.map((tree) => [tree.name, tree]));
  const list = [...newest.values()].map(({ name, generation, metainfo }) => ({
    name,
    generation,
    infohash: metainfo.infohash,
  }));
  return JSON.stringify({ trees: list, publicKey });
}

function sendDocument(origin: Origin, match: RegExpExecArray, response: ServerResponse): void {
  const tree = findTree(origin, match[1] ?? '', Number(match[2]));
  if (tree === undefined) return sendText(response, 404, 'no such tree\n');
  if (match[3] === 'torrent') response.end(tree.torrent);
  else response.end(tree.manifestText);
}

function sendFile(origin: Origin, request: IncomingMessage, response: ServerResponse): void {
  const parsed = safely(() => parseInstallUrl(request.url ?? ''));
  const tree = parsed && findTree(origin, parsed.tree, parsed.generation);
  const placed = parsed && tree && createTreeIndex(tree.manifest).lookup(parsed.path);
  const content = placed && tree?.files.get(placed.file.path);
  if (placed === undefined || content === undefined) return sendText(response, 404, 'found none\n');
  const { file } = placed;
  const plan = planFileResponse(
    { method: request.method ?? '', headers: request.headers },
    {
      sizeBytes: file.size,
      etag: `"${file.sha256.slice(0, 32)}"`,
      lastModified: new Date(file.mtimeMs),
      contentType: contentTypeOf(file.path),
    },
    { multipleRanges: true },
  );
  response.writeHead(plan.status, plan.headers);
  for (const part of plan.parts) {
    if (part.head !== '') response.write(part.head);
    response.write(content.subarray(part.startByte, part.endByte));
  }
  response.end(plan.tail);
}

function findTree(
  { trees }: Origin,
  name: string,
  generation: number | undefined,
): SmallTree | undefined {
  return trees.findLast(
    (tree) => tree.name === name && (generation === undefined || tree.generation === generation),
  );
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': text.length });
  response.end(text);
}

function safely<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
