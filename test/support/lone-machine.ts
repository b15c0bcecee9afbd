import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { bytesOf } from './small-tree.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const scree = resolve('scree');

/** The packages of the tree `lab`. */
export const packageNames: readonly string[] = Array.from(
  { length: 16 },
  (_, at) => `pool/p${at}.deb`,
);

export type LoneProgress = {
  readonly packages: { readonly done: number } | null;
  readonly phases: readonly { readonly name: string; readonly atMs: number }[];
  readonly heardAtMs: number;
  readonly bytes: Readonly<Record<string, number>>;
};

/** A frontend, and a machine that is being installed; all of them processes of their own. */
export async function startLoneMachine(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const [config, state, source] = ['scree.yaml', 'state', 'source'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const [http = 0, tracker = 0, seed = 0, listen = 0] = await freePorts(4);
  const at = (port: number) => `{ listen: "127.0.0.1:${port}" }`;
  const sections = [`http: ${at(http)}`, `tracker: ${at(tracker)}`, `seed: ${at(seed)}`];
  await writeFile(config, `${[`state: ${state}`, ...sections].join('\n')}\n`);
  await mkdir(join(source, 'pool'), { recursive: true });
  const contents = new Map(packageNames.map((name) => [name, bytesOf(name, 120_000)]));
  for (const [name, content] of contents) await writeFile(join(source, name), content);
  await run(scree, ['tree', 'add', 'lab', source, '-c', config]);
  await run(scree, ['node', 'add', 'a', '--mac', '52:54:00:00:00:01', '-c', config]);
  await run(scree, ['node', 'boot', 'a', 'install', '-c', config]);

  const children: ChildProcess[] = [];
  t.teardown(() => void children.map((child) => child.kill('SIGKILL')));
  const said: string[] = [];
  const startProgram = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(scree, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    children.push(child);
    child.stderr.on('data', (chunk: Buffer) => said.push(`${args[0]} ${chunk}`));
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    t.is(child.exitCode, null, args[0]);
    return child;
  };
  let frontend = await startProgram(['frontend', '-c', config]);
  const key = Buffer.from((await readFile(join(state, 'keys/install.key'), 'utf8')).trim(), 'hex');
  const node = await createNodes({ state }).show('a');
  const token = installTokenOf(node, key);
  await fetch(`http://127.0.0.1:${http}/kickstart/${token}`);
  const agentUrl = `http://127.0.0.1:${listen}`;
  const curl = async (...args: readonly string[]) => {
    const patience = ['--retry', '40', '--retry-all-errors', '--retry-delay', '1'];
    return (await run('curl', ['-fsS', '--noproxy', '*', ...patience, ...args])).stdout;
  };
  const show = async () => {
    const reply = await fetch(`http://127.0.0.1:${http}/api/v1/installs/a`);
    return (await reply.json()) as { bootState: string; progress: LoneProgress | null };
  };
  return {
    agentUrl,
    curl,
    show,
    frontend: () => frontend,
    startFrontend: async () => {
      frontend = await startProgram(['frontend', '-c', config]);
    },
    startAgent: (env: NodeJS.ProcessEnv = {}) =>
      startProgram(
        [
          ...['agent', '--frontend', `http://127.0.0.1:${http}`, '--listen', String(listen)],
          ...['--swarm-address', '127.0.0.1', '--swarm-port', '0', '--token', token],
          ...['--store', join(folder, 'store'), '--linger', '5'],
          ...['--key', join(state, 'keys/manifest.pub')],
        ],
        env,
      ),
    folder,
    /** The agents' lines on stderr. */
    agentLog: () =>
      said
        .filter((each) => each.startsWith('agent '))
        .map((each) => each.slice('agent '.length))
        .join(''),
    /** `scree ARGS` of this frontend. */
    scree: async (...args: readonly string[]) => (await run(scree, [...args, '-c', config])).stdout,
    /** One package after the other, as an installer does. */
    install: async (some: readonly string[]) => {
      for (const name of some) {
        const path = join(folder, 'fetched');
        await curl('-o', path, `${agentUrl}/install/lab/${name}`);
        t.true(contents.get(name)?.equals(await readFile(path)), name);
      }
    },
    untilProgress: async (isSo: (progress: LoneProgress) => boolean): Promise<LoneProgress> => {
      for (let attempt = 0; attempt < 150; attempt += 1) {
        const { progress } = await show();
        if (progress !== null && isSo(progress)) return progress;
        await delay(100);
      }
      throw new Error(`expected other progress, got ${JSON.stringify(await show())}`);
    },
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
