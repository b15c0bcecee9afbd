import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { bytesOf } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const scree = resolve('scree');
const names = Array.from({ length: 16 }, (_, at) => `pool/p${at}.deb`);

test('an install goes on when its agent is killed and started again, and ends well', async (t) => {
  const rack = await start(t);
  const agent = await rack.startAgent();
  await rack.install(names.slice(0, 8));
  await rack.untilProgress(({ packages }) => packages?.done === 8);
  agent.kill('SIGKILL');
  await once(agent, 'close');
  // The installer asks on meanwhile; its agent's hook takes a moment.
  const rest = rack.install(names.slice(8));
  await delay(1_500);
  await rack.startAgent();
  await rest;
  const { bytes, phases } = await rack.untilProgress(({ packages }) => packages?.done === 16);
  t.true(Object.values(bytes).reduce((sum, each) => sum + each, 0) > 0);
  t.is(phases.filter(({ name }) => name === 'agent').length, 1);
  t.like(JSON.parse(await rack.curl(`${rack.agentUrl}/agent/end?outcome=success`)), {
    isTold: true,
  });
  t.is((await rack.show()).bootState, 'os');
});

test('an install goes on over a restart of the frontend, and so does what is known of it', async (t) => {
  const rack = await start(t);
  await rack.startAgent();
  await rack.install(names.slice(0, 8));
  await rack.untilProgress(({ packages }) => packages?.done === 8);
  await delay(1_200);
  rack.frontend().kill('SIGKILL');
  await once(rack.frontend(), 'close');
  await rack.curl(`${rack.agentUrl}/agent/phase?name=post`);
  await rack.startFrontend();
  const { packages } = (await rack.show()).progress ?? {};
  t.is(packages?.done, 8, 'kept');
  await rack.install(names.slice(8));
  const { phases } = await rack.untilProgress((now) => now.packages?.done === 16);
  t.true(
    phases.some(({ name }) => name === 'post'),
    'told while the frontend was away',
  );
});

type Progress = {
  readonly packages: { readonly done: number } | null;
  readonly phases: readonly { readonly name: string }[];
  readonly bytes: Readonly<Record<string, number>>;
};

/** A frontend, and a machine that is being installed; all of them processes of their own. */
async function start(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const [config, state, source] = ['scree.yaml', 'state', 'source'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const [http = 0, tracker = 0, seed = 0, listen = 0] = await freePorts(4);
  const at = (port: number) => `{ listen: "127.0.0.1:${port}" }`;
  const sections = [`http: ${at(http)}`, `tracker: ${at(tracker)}`, `seed: ${at(seed)}`];
  await writeFile(config, `${[`state: ${state}`, ...sections].join('\n')}\n`);
  await mkdir(join(source, 'pool'), { recursive: true });
  const contents = new Map(names.map((name) => [name, bytesOf(name, 120_000)]));
  for (const [name, content] of contents) await writeFile(join(source, name), content);
  await run(scree, ['tree', 'add', 'lab', source, '-c', config]);
  await run(scree, ['node', 'add', 'a', '--mac', '52:54:00:00:00:01', '-c', config]);
  await run(scree, ['node', 'boot', 'a', 'install', '-c', config]);

  const children: ChildProcess[] = [];
  t.teardown(() => void children.map((child) => child.kill('SIGKILL')));
  const startProgram = async (...args: readonly string[]) => {
    const child = spawn(scree, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    t.is(child.exitCode, null, args[0]);
    return child;
  };
  let frontend = await startProgram('frontend', '-c', config);
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
    return (await reply.json()) as { bootState: string; progress: Progress | null };
  };
  return {
    agentUrl,
    curl,
    show,
    frontend: () => frontend,
    startFrontend: async () => {
      frontend = await startProgram('frontend', '-c', config);
    },
    startAgent: () =>
      startProgram(
        ...['agent', '--frontend', `http://127.0.0.1:${http}`, '--listen', String(listen)],
        ...['--swarm-address', '127.0.0.1', '--swarm-port', '0', '--token', token],
        ...['--store', join(folder, 'store'), '--linger', '5'],
      ),
    /** One package after the other, as an installer does. */
    install: async (some: readonly string[]) => {
      for (const name of some) {
        const path = join(folder, 'fetched');
        await curl('-o', path, `${agentUrl}/install/lab/${name}`);
        t.true(contents.get(name)?.equals(await readFile(path)), name);
      }
    },
    untilProgress: async (isSo: (progress: Progress) => boolean): Promise<Progress> => {
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
