import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createNodeFiles } from '../../src/frontend/node-files/main.ts';
import { shippedProfiles } from '../../src/frontend/profiles/main.ts';

const scree = resolve('scree');

export type ConsoleFrontend = {
  readonly url: string;
  readonly config: string;
  readonly state: string;
  readonly api: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Of a node's latest install. */
  readonly tokenOf: (name: string) => Promise<string>;
  /** Killed at once, as by the power. */
  readonly kill: () => Promise<void>;
  /** At the same port as before. */
  readonly start: () => Promise<void>;
};

export type ConsoleFrontendPlan = {
  /** Removed by the caller. */
  readonly folder: string;
  readonly racks: number;
  readonly perRack: number;
  /** Where it listens; a client of another address than loopback needs a token. */
  readonly host?: string;
  /** Further lines of the configuration. */
  readonly lines?: readonly string[];
};

/** A frontend process on this machine, with racks of machines that it knows. */
export async function startConsoleFrontend(plan: ConsoleFrontendPlan): Promise<ConsoleFrontend> {
  const { folder, host = '127.0.0.1', lines = [] } = plan;
  const state = join(folder, 'state');
  const port = await freePort(host);
  const config = join(folder, 'scree.yaml');
  const any = '{ listen: "127.0.0.1:0" }';
  const text = [
    ...[
      `state: ${state}`,
      `http: { listen: "${host}:${port}" }`,
      `tracker: ${any}`,
      `seed: ${any}`,
    ],
    `networks: ["${host}/32"]`,
    ...lines,
  ];
  await mkdir(state, { recursive: true });
  await writeFile(config, `${text.join('\n')}\n`);
  const files = createNodeFiles({ state, profileFolders: [shippedProfiles] });
  const sources = [{ name: 'nodes.csv', text: tableOf(plan), format: 'csv' as const }];
  files.import(sources, { isUpdate: false, isDryRun: false });
  const url = `http://${host}:${port}`;
  let child = await startProcess(config);
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : json),
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    ...{ url, config, state, api },
    tokenOf: async (name) => {
      const key = (await readFile(join(state, 'keys/install.key'), 'utf8')).trim();
      const { node } = (await api('GET', `/nodes/${name}`)) as NodeAnswer;
      return installTokenOf(node, Buffer.from(key, 'hex'));
    },
    kill: async () => {
      const ended = once(child, 'exit');
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
    start: async () => {
      child = await startProcess(config);
    },
  };
}

type NodeAnswer = { readonly node: { readonly name: string; readonly installNumber: number } };

async function startProcess(config: string) {
  const child = spawn(scree, ['frontend', '-c', config], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit'),
  ]);
  if (!/^ready/.test(String(line)))
    throw new Error(`expected a frontend that is ready, got ${line}`);
  return child;
}

/** The same after a restart, so that a browser finds it again. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function tableOf({ racks, perRack }: ConsoleFrontendPlan): string {
  const lines = Array.from({ length: racks * perRack }, (_, at) => {
    const [rack, rank] = [Math.floor(at / perRack), at % perRack];
    const hex = at.toString(16).padStart(6, '0').match(/../g)?.join(':');
    return `compute-${rack}-${rank},52:54:00:${hex}`;
  });
  return ['name,macs', ...lines].join('\n');
}
