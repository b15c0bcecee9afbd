import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createInspectBoot } from '../../../src/frontend/boot/inspect-boot.ts';
import { builtInActions } from '../../../src/frontend/boot/plan-boot.ts';
import { type BootRoots, createBootRoots } from '../../../src/frontend/boot/roots.ts';
import { createWho } from '../../../src/frontend/boot/who.ts';
import type { BootFigures } from '../../../src/frontend/boot-figures.ts';
import type { LeaseView } from '../../../src/frontend/dhcp/lease.ts';
import type { MacOnWire } from '../../../src/frontend/dhcp/mac-on-wire.ts';
import { FileHasher } from '../../../src/frontend/file-hasher.ts';
import { createFileTorrentStore } from '../../../src/frontend/file-torrent-store.ts';
import { createFileTorrents, type FileTorrent } from '../../../src/frontend/file-torrents.ts';
import { createRoutes } from '../../../src/frontend/http/routes.ts';
import { createHttpServer, type HttpHandler } from '../../../src/frontend/http/server.ts';
import { createInstalls, type Installs } from '../../../src/frontend/installs/installs.ts';
import { createInstallsProgress } from '../../../src/frontend/installs/progress.ts';
import { createScripts } from '../../../src/frontend/kickstart/scripts.ts';
import { type NodeRecords, openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { createInstallOrders } from '../../../src/frontend/orders/install-orders.ts';
import { createProfiles, shippedProfiles } from '../../../src/frontend/profiles/main.ts';
import type { RunDocument } from '../../../src/frontend/runs/documents.ts';
import { createRunFiles } from '../../../src/frontend/runs/run-files.ts';
import { createRuns } from '../../../src/frontend/runs/runs.ts';
import { TreeError } from '../../../src/frontend/trees/errors.ts';
import type { Generation, TreeCatalog } from '../../../src/frontend/trees/types.ts';
import type { Manifest, ManifestFile } from '../../../src/protocol/manifest.ts';
import { createMetainfo } from '../../../src/protocol/metainfo.ts';
import { createTreeIndex } from '../../../src/protocol/tree-index.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createTracker } from '../../../src/tracker/main.ts';

const mtime = new Date('2024-03-05T10:20:30Z');
const pieceLengthBytes = 64 * 1024;

export type Contents = Readonly<Record<string, string | Buffer>>;

export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-http-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A generation that is served from real files below `folder`; they may be changed there. */
export async function writeTree(
  folder: string,
  options: {
    readonly tree: string;
    readonly generation: number;
    readonly contents: Contents;
    readonly links?: Manifest['links'];
  },
): Promise<Generation> {
  const { tree, generation, contents, links = [] } = options;
  const hasher = new FileHasher(pieceLengthBytes);
  const files: ManifestFile[] = [];
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    await utimes(join(folder, path), mtime, mtime);
    const bytes = Buffer.from(content);
    hasher.update(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ path, size: bytes.length, mtimeMs: mtime.getTime(), sha256 });
  }
  const metainfo = createMetainfo({
    name: `${tree}@${generation}`,
    pieceLengthBytes,
    pieceHashes: hasher.digest().pieceHashes,
    files: files.map(({ path, size }) => ({ path, sizeBytes: size })),
    singleFile: false,
  });
  const manifest: Manifest = {
    format: 1,
    tree,
    generation,
    createdAt: '2024-03-05T12:00:00.000Z',
    infohash: metainfo.infohash,
    pieceLength: pieceLengthBytes,
    totalSize: metainfo.totalSizeBytes,
    files,
    links: [...links],
  };
  const check = (file: ManifestFile) => checkFile(folder, file);
  return {
    tree,
    generation,
    manifest,
    manifestText: JSON.stringify({ signed: manifest }),
    metainfo,
    lookup: createTreeIndex(manifest).lookup,
    pieces: { read: () => Promise.reject(new Error('expected no reads by peers here')) },
    check,
    read: (file, range) => readFileInParts(join(folder, file.path), range, () => check(file)),
    changedFiles: () => [],
  };
}

async function checkFile(folder: string, file: ManifestFile): Promise<void> {
  const facts = await stat(join(folder, file.path)).catch(() => undefined);
  if (facts?.size === file.size && facts.mtimeMs === file.mtimeMs) return;
  throw new TreeError('changed', `expected '${file.path}' as it was added, found it changed`);
}

async function* readFileInParts(
  path: string,
  range: { readonly startByte: number; readonly endByte: number },
  check: () => Promise<void>,
): AsyncIterable<Buffer> {
  const handle = await open(path);
  try {
    for (let at = range.startByte; at < range.endByte; ) {
      const length = Math.min(256 * 1024, range.endByte - at);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
      await check();
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

export function catalogOf(generations: readonly Generation[]): TreeCatalog {
  const of = (tree: string) => generations.filter((each) => each.tree === tree);
  const names = [...new Set(generations.map((each) => each.tree))];
  return {
    reload: () => Promise.resolve({ added: [], removed: [] }),
    all: () => generations,
    newestOfEach: () => names.flatMap((name) => of(name).at(-1) ?? []),
    newest: (tree) => of(tree).at(-1),
    get: (tree, generation) => of(tree).find((each) => each.generation === generation),
    byInfohash: (infohash) => generations.find((each) => each.metainfo.infohash === infohash),
    broken: () => [],
    onChange: () => () => {},
    close: () => Promise.resolve(),
  };
}

export type ServedTrees = {
  readonly url: string;
  readonly port: number;
  readonly fileTorrents: readonly FileTorrent[];
  readonly nodes: NodeRecords;
  readonly installs: Installs;
  readonly figures: () => Promise<Record<string, number>>;
};

/** One that has ended before the tests. */
const pastRun: RunDocument = {
  ...{ id: '20240305T120000Z', startedAtMs: 1_709_640_000_000, endedAtMs: 1_709_640_060_000 },
  ...{ sampleEveryMs: 1_000, nodes: [], samples: [] },
};

/** The frontend's routes on a loopback port, over generations made by writeTree. */
export async function serveTrees(
  t: ExecutionContext,
  generations: readonly Generation[],
  options: {
    readonly networks?: readonly string[];
    readonly fallback?: number;
    readonly trustsAddress?: boolean;
    readonly boot?: Pick<BootRoots, 'resolve'>;
    readonly bootFigures?: BootFigures;
    readonly leaseAt?: LeaseView['at'];
    readonly macOnWire?: MacOnWire;
    /** The address that all clients are taken to have; theirs unless given. */
    readonly client?: string;
    /** The database, for tests that open it once more; in memory unless given. */
    readonly database?: string;
  } = {},
): Promise<ServedTrees> {
  const made: FileTorrent[] = [];
  const store = createFileTorrentStore({ log: silentLog }, { state: await temporaryFolder(t) });
  const fileTorrents = createFileTorrents({ store, onReady: (torrent) => made.push(torrent) });
  const tracker = createTracker(
    { log: silentLog, catalog: { has: () => false, nameOf: () => undefined, list: () => [] } },
    { listen: { host: '127.0.0.1', port: 0 }, networks: ['127.0.0.0/8'] },
  );
  await tracker.start();
  const nodes = openNodeRecords({ log: silentLog }, { path: options.database ?? ':memory:' });
  const installs = createInstalls(
    { log: silentLog, nodes, logs: nodes.logs, key: Buffer.alloc(32, 7) },
    { silenceLimitMs: 60_000 },
  );
  const progress = createInstallsProgress({ log: silentLog, nodes, installs });
  const orders = createInstallOrders({ log: silentLog, rows: nodes.orders });
  const files = createRunFiles(await temporaryFolder(t));
  await files.write(pastRun);
  const runs = await createRuns({ log: silentLog, store: nodes.store, progress, files });
  const { networks = ['127.0.0.0/8'], fallback = 8, trustsAddress = false } = options;
  const profiles = createProfiles({ folders: [shippedProfiles] });
  const roots = createBootRoots({ generate: () => undefined }, { folder: '/nowhere' });
  const bootActions = builtInActions({ kernel: 'debian/linux', initrds: ['debian/initrd'] });
  const key = Buffer.alloc(32, 7);
  const gateway = createRoutes(
    {
      log: silentLog,
      trees: catalogOf(generations),
      tracker,
      fileTorrents,
      nodes,
      installs,
      progress,
      orders,
      renderScript: createScripts({
        attributes: nodes.attributes,
        profiles,
        tokenOf: installs.tokenOf,
      }),
      boot: options.boot ?? roots,
      inspectBoot: createInspectBoot({ roots }, { actions: bootActions }),
      images: () => Promise.resolve([]),
      runs,
      bootActions,
      profiles,
      bootFigures: () => options.bootFigures ?? { dhcp: undefined, tftp: undefined },
      who: createWho({
        ...{ nodes: nodes.store, leaseAt: options.leaseAt, areLeasesOwn: true, nowMs: Date.now },
        macOnWire: options.macOnWire ?? (() => undefined),
      }),
      reload: () => Promise.resolve({ added: [], removed: [], broken: [] }),
      sentToPeersBytes: () => 0,
    },
    { publicKey: 'PEM', networks, fallback, trustsAddress, trackerHost: '0.0.0.0', key },
  );
  const handle: HttpHandler = (request, response) => {
    const { client } = options;
    if (client !== undefined) {
      const remoteAddress = { value: client, configurable: true };
      Object.defineProperty(request.socket, 'remoteAddress', remoteAddress);
    }
    return gateway.fromNetwork(request, response);
  };
  const deps = { log: silentLog, handle };
  const server = await createHttpServer(deps, { host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    await server.close();
    await tracker.close();
    await runs.close();
    await progress.close();
    await orders.close();
    await installs.close();
    await nodes.close();
  });
  const url = `http://127.0.0.1:${server.port}`;
  const figures = async () => {
    const stats = await (await fetch(`${url}/stats.json`)).json();
    return (stats as { frontend: Record<string, number> }).frontend;
  };
  return { url, port: server.port ?? 0, fileTorrents: made, nodes, installs, figures };
}
