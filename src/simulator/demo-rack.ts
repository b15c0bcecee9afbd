import { createPublicKey } from 'node:crypto';
import { readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, parseManifest } from '../protocol/manifest.ts';
import type { ChildProgram } from './child-program.ts';
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

/** A frontend with one tree, and agents that know it; all on loopback addresses. */
export type DemoRack = {
  /** Such as `http://127.0.0.1:41233`. */
  readonly frontend: string;
  readonly manifest: Manifest;
  readonly nodes: readonly DemoNode[];
  /** Throws DemoError as soon as one of the programs ends. */
  readonly watch: () => Promise<never>;
};

export type DemoRackOptions = {
  readonly treeFolder: string;
  readonly nodeCount: number;
  /** The frontend's cap; 0: none. */
  readonly uploadBytesPerSecond: number;
};

// 127.0.0.1 is the frontend's.
const firstNodeAddress = 10;
/** Starting costs a core most of a second, so more at a time are not sooner ready. */
const startsAtOnce = 8;

/** Adds the tree and starts everything. Throws DemoError; what runs then is the place's to end. */
export async function startDemoRack(place: DemoPlace, options: DemoRackOptions): Promise<DemoRack> {
  const config = await writeConfig(place.folder, options.uploadBytesPerSecond);
  const { treeFolder } = options;
  await place
    .start('scree tree add', ['tree', 'add', demoTreeName, treeFolder, '-c', config])
    .success();
  const program = place.start('the frontend', ['frontend', '-c', config]);
  const frontend = firstUrl(await program.ready(), 'the frontend');
  const keyFile = join(place.folder, 'state', 'keys', 'manifest.pub');
  const manifest = await fetchManifest(frontend, keyFile);
  const agents = await startAgents(place, { frontend, keyFile, manifest, options });
  const programs = [program, ...agents.map((agent) => agent.program)];
  return {
    frontend,
    manifest,
    nodes: agents.map(({ node }) => node),
    watch: () => Promise.race(programs.map((each) => each.watch())),
  };
}

/** JSON, which is YAML too, so that no path needs quoting of another kind. */
async function writeConfig(folder: string, upload: number): Promise<string> {
  const path = join(folder, 'scree.yaml');
  const listen = '127.0.0.1:0';
  const config = {
    state: join(folder, 'state'),
    http: { listen },
    tracker: { listen, interval: 2 },
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

type AgentsPlan = {
  readonly frontend: string;
  readonly keyFile: string;
  readonly manifest: Manifest;
  readonly options: DemoRackOptions;
};

async function startAgents(place: DemoPlace, plan: AgentsPlan) {
  const { nodeCount } = plan.options;
  const disk = await statfs(place.folder);
  const freeBytes = disk.bavail * disk.bsize;
  const treeBytes = plan.manifest.totalSize;
  const storeBytes = planStoreBytes({ treeBytes, nodeCount, freeBytes });
  const agents: { readonly node: DemoNode; readonly program: ChildProgram }[] = [];
  await eachOf(Array.from({ length: nodeCount }).keys(), startsAtOnce, async (at) => {
    const name = `compute-0-${at}`;
    const address = `127.0.0.${firstNodeAddress + at}`;
    const program = place.start(name, [
      ...['agent', '--frontend', plan.frontend, '--key', plan.keyFile, '--log-level', 'warn'],
      ...['--listen', `${address}:0`, '--swarm-address', address, '--swarm-port', '0'],
      ...['--store', join(place.folder, name), '--store-size', String(storeBytes)],
      ...['--role', 'compute'],
    ]);
    const proxy = firstUrl(await program.ready(), name);
    agents[at] = { node: { name, proxy }, program };
  });
  return agents;
}

function firstUrl(readyText: string, name: string): string {
  const url = /http:\/\/\S+/.exec(readyText)?.[0];
  if (url !== undefined) return url;
  throw new DemoError('not-ready', `expected ${name} to say its URL, got 'ready ${readyText}'`);
}
