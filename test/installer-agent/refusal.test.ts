import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { createOrigin, type Origin } from '../support/origin.ts';
import { bytesOf, makeKeys, makeSmallTree, pemOf, type SmallTree } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [ours, theirs] = [makeKeys(), makeKeys()];
const files = { 'pool/a.deb': bytesOf('a', 30_000) };
const good = makeSmallTree({ keys: ours, name: 'good', files });
const forged = makeSmallTree({ keys: theirs, name: 'forged', files });
const token = `7-${'ab'.repeat(16)}`;
const refusedExitCode = 78;

test('a frontend that names another key ends the agent before it serves anything', async (t) => {
  const { agent, ends } = await start(t, [forged], (origin) => {
    origin.publicKey = pemOf(theirs);
  });
  const { code, stdout, stderr } = await agent.end();
  t.is(code, refusedExitCode);
  t.is(stdout, '');
  const said = stderr.split('\n').filter((line) => line.startsWith('scree: '));
  t.is(said.length, 1);
  t.regex(
    said[0] ?? '',
    /^scree: expected the frontend whose key is \w+, got one whose key is \w+;/,
  );
  t.regex(stderr, /"event":"refused"/);
  t.is(ends.length, 1);
  t.regex(ends[0] ?? '', /failure\?reason=its%20agent%20refuses/);
});

test('the frontend whose key was given is served', async (t) => {
  const { agent, base } = await start(t, [good], (origin) => {
    origin.publicKey = pemOf(ours);
  });
  t.is((await fetch(`${await base()}/install/good/pool/a.deb`)).status, 200);
  t.true(await isFrontendKnown(await base()));
  agent.process.kill('SIGTERM');
  t.is((await agent.end()).code, 0);
});

test('the frontend is not known while it is away, nor by a list that names no key', async (t) => {
  const { base, origin } = await start(t, [good], ({ scripts }) => {
    scripts.set('/install/trees.json', ({ socket }) => void socket.destroy());
  });
  const url = await base();
  t.false(await isFrontendKnown(url));
  origin.scripts.clear();
  t.is((await fetch(`${url}/install/good/pool/a.deb`)).status, 200);
  t.false(await isFrontendKnown(url));
  origin.publicKey = pemOf(ours);
  for (let left = 200; left > 0 && !(await isFrontendKnown(url)); left -= 1) {
    await fetch(`${url}/install/another/file`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.true(await isFrontendKnown(url));
});

test('a forged tree ends the agent when the installer asks for it, and not before', async (t) => {
  const { agent, base } = await start(t, [good, forged]);
  const url = await base();
  t.is((await fetch(`${url}/install/good/pool/a.deb`)).status, 200);
  const reply = await fetch(`${url}/install/forged/pool/a.deb`);
  t.is(reply.status, 502);
  t.regex(await reply.text(), /^tree forged is refused/);
  const { code, stderr } = await agent.end();
  t.is(code, refusedExitCode);
  t.regex(stderr, /^scree: tree forged: expected /m);
});

test('a frontend that leaves a tree out gets nothing unverified through', async (t) => {
  const { base, origin } = await start(t, [good]);
  const url = await base();
  for (const path of ['hidden/pool/evil.deb', 'good/pool/evil.deb', 'good@9/pool/a.deb']) {
    origin.scripts.set(`/install/${path}`, (_request, response) => void response.end('evil'));
    const reply = await fetch(`${url}/install/${path}`);
    t.is(reply.status, 404, path);
    t.notRegex(await reply.text(), /^evil/);
  }
});

async function isFrontendKnown(base: string): Promise<boolean> {
  const status: unknown = await (await fetch(`${base}/agent/status`)).json();
  return (status as AgentStatus).isFrontendKnown;
}

async function start(
  t: ExecutionContext,
  trees: readonly SmallTree[],
  prepare: (origin: Origin) => void = () => {},
) {
  const origin = await createOrigin(trees);
  t.teardown(origin.stop);
  const ends: string[] = [];
  origin.scripts.set(`/installs/${token}/failure`, (request, response) => {
    ends.push(request.url ?? '');
    response.end();
  });
  prepare(origin);
  const folder = await temporaryFolder(t);
  const key = join(folder, 'key.pem');
  await writeFile(key, pemOf(ours));
  const agent = startCommand(t, [
    ...['--frontend', origin.url.origin, '--key', key, '--token', token],
    ...['--store', join(folder, 'store')],
  ]);
  return { agent, origin, ends, base: agent.base };
}

function startCommand(t: ExecutionContext, args: readonly string[]) {
  const place = ['--listen', '127.0.0.1:0', '--swarm-address', '127.0.0.1', '--swarm-port', '0'];
  const command = ['src/cli/main.ts', 'agent', ...place, ...args];
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child: ChildProcess = spawn(process.execPath, command, { stdio: [...stdio] });
  t.teardown(() => void child.kill('SIGKILL'));
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes, got none');
  const ready = once(stdout, 'data').then(([chunk]) => String(chunk));
  const closed = Promise.all([once(child, 'close'), text(stdout), text(stderr)]);
  return {
    process: child,
    base: async () => /http:\S+/.exec(await ready)?.[0] ?? '',
    end: async () => {
      const [[code], out, err] = await closed;
      return { code: Number(code), stdout: out, stderr: err };
    },
  };
}
