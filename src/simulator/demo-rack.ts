import { createPublicKey } from 'node:crypto';
import { readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, parseManifest } from '../protocol/manifest.ts';
import type { ChildProgram } from './child-program.ts';
import { beginDemoInstalls } from './demo-installs.ts';
import type { DemoPlace } from './demo-place.ts';
import { eachOf } from './each-of.ts';
import { DemoError } from './errors.ts';
import { planStoreBytes } from './store-share.ts';

export const demoTreeName = 'demo';

export type DemoNode = {
  readonly name: string;
  /** Where its installer asks, such as `http://127.0.0.10:41234`. */
  readonly proxy: string;
};

/** A frontend with one tree, on this machine's loopback. */
export type DemoFrontend = {
  /** Such as `http://127.0.0.1:41233`. */
  readonly url: string;
  readonly manifest: Manifest;
  /** Where the public key lies, and the one that installs' tokens are made with. */
  readonly keyFile: string;
  readonly installKeyFile: string;
  readonly program: ChildProgram;
};

/** What a frontend is to serve. */
export type ServedTree = {
  readonly folder: string;
  readonly uploadBytesPerSecond: number;
  /** How often agents are to announce; 2 unless given, so that a page shows what goes on. */
  readonly announceSeconds?: number;
};

/** A frontend, and agents that know its tree. */
export type DemoRack = {
  readonly frontend: DemoFrontend;
  readonly nodes: readonly DemoNode[];
  /** Throws DemoError as soon as one of the programs ends. */
  readonly watch: () => Promise<never>;
};

// 127.0.0.1 is the frontend's.
const firstNodeAddress = 10;
/** Starting costs a core most of a second, so more at a time are not sooner ready. */
const startsAtOnce = 8;

/** Adds a folder as a tree and serves it. Throws DemoError. */
export async function startDemoFrontend(place: DemoPlace, tree: ServedTree): Promise<DemoFrontend> {
  const config = await writeConfig(place.folder, tree);
  const add = ['tree', 'add', demoTreeName, tree.folder, '-c', config];
  await place.start('scree tree add', add).success();
  const program = place.start('the frontend', ['frontend', '-c', config]);
  const url = firstUrl(await program.ready(), 'the frontend');
  const keys = join(place.folder, 'state', 'keys');
  const keyFile = join(keys, 'manifest.pub');
  const manifest = await fetchManifest(url, keyFile);
  return { url, manifest, keyFile, installKeyFile: join(keys, 'install.key'), program };
}

/** Starts an agent for each node, on addresses from 127.0.0.10 on. Throws DemoError. */
export async function startDemoRack(
  place: DemoPlace,
  frontend: DemoFrontend,
  nodeCount: number,
): Promise<DemoRack> {
  const storeBytes = await measureStore(place, frontend.manifest, nodeCount);
  const names = Array.from({ length: nodeCount }, (_, number) => `compute-0-${number}`);
  const tokens = await beginDemoInstalls(frontend, names);
  const nodes: DemoNode[] = [];
  const programs = [frontend.program];
  await eachOf(names.entries(), startsAtOnce, async ([number, name]) => {
    const address = `127.0.0.${firstNodeAddress + number}`;
    const program = place.start(name, [
      ...['agent', '--frontend', frontend.url, '--key', frontend.keyFile, '--log-level', 'warn'],
      ...['--listen', `${address}:0`, '--swarm-address', address, '--swarm-port', '0'],
      ...['--store', join(place.folder, name), '--store-size', String(storeBytes)],
      ...['--role', 'compute', '--token', tokens.get(name) ?? '', '--linger', '0'],
    ]);
    programs.push(program);
    nodes[number] = { name, proxy: firstUrl(await program.ready(), name) };
  });
  return { frontend, nodes, watch: () => Promise.race(programs.map((each) => each.watch())) };
}

/** JSON, which is YAML too, so that no path needs quoting of another kind. */
async function writeConfig(
  folder: string,
  { uploadBytesPerSecond: upload, announceSeconds: interval = 2 }: ServedTree,
): Promise<string> {
  const path = join(folder, 'scree.yaml');
  const listen = '127.0.0.1:0';
  const config = {
    state: join(folder, 'state'),
    http: { listen },
    tracker: { listen, interval },
    seed: { listen, upload },
    networks: ['127.0.0.0/8'],
  };
  await writeFile(path, JSON.stringify(config, undefined, 2));
  return path;
}

async function fetchManifest(frontend: string, keyFile: string): Promise<Manifest> {
  const url = `${frontend}/install/${demoTreeName}.manifest.json`;
  const response = await fetch(url);
  if (response.status !== 200) {
    throw new DemoError('bad-answer', `expected status 200 of ${url}, got ${response.status}`);
  }
  return parseManifest(await response.text(), createPublicKey(await readFile(keyFile)));
}

async function measureStore(
  place: DemoPlace,
  manifest: Manifest,
  nodeCount: number,
): Promise<number> {
  const { bavail, bsize } = await statfs(place.folder);
  return planStoreBytes({ treeBytes: manifest.totalSize, nodeCount, freeBytes: bavail * bsize });
}

function firstUrl(readyText: string, name: string): string {
  const url = /http:\/\/\S+/.exec(readyText)?.[0];
  if (url !== undefined) return url;
  throw new DemoError('not-ready', `expected ${name} to say its URL, got 'ready ${readyText}'`);
}
