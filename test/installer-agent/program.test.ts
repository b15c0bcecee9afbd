import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startAgentCommand } from '../support/agent-command.ts';
import { createOrigin, type Origin } from '../support/origin.ts';
import { openSocket } from '../support/raw-http.ts';
import { bytesOf, makeKeys, makeSmallTree, pemOf } from '../support/small-tree.ts';

const keys = makeKeys();
const tree = makeSmallTree({ keys, files: { 'a.rpm': bytesOf('a', 300_000) } });

test('the command serves, says so on one line, and ends on SIGTERM', async (t) => {
  const { origin, folder } = await makePlace(t);
  const key = join(folder, 'key.pem');
  await writeFile(key, pemOf(keys));
  const agent = startCommand(t, folder, ['--frontend', origin.url.origin, '--key', key]);
  const ready = await agent.ready();
  t.regex(
    ready,
    /^ready http:\/\/127\.0\.0\.1:\d+ for http:\/\/127\.[\d.]+:\d+, swarm port \d+\n$/,
  );
  const base = /http:\S+/.exec(ready)?.[0];
  const response = await fetch(`${base}/install/lab/a.rpm`);
  t.true(Buffer.from(await response.arrayBuffer()).equals(tree.stream));
  const status = (await (await fetch(`${base}/agent/status`)).json()) as { version: string };
  t.regex(status.version, /^\d+\.\d+\.\d+$/);
  agent.process.kill('SIGTERM');
  t.deepEqual(await agent.end(), { code: 0, stdout: ready });
});

test('an answer under way does not keep the command from ending', async (t) => {
  const { origin, folder } = await makePlace(t);
  origin.scripts.set('/endless', (_request, response) => void response.write('x'));
  const agent = startCommand(t, folder, ['--frontend', origin.url.origin]);
  const port = Number(/127\.0\.0\.1:(\d+) for/.exec(await agent.ready())?.[1]);
  const socket = await openSocket({ host: '127.0.0.1', port });
  socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  agent.process.kill('SIGTERM');
  t.is((await agent.end()).code, 0);
});

test('it is ready also while the frontend is not', async (t) => {
  const { origin, folder } = await makePlace(t);
  await origin.stop();
  const agent = startCommand(t, folder, ['--frontend', origin.url.origin]);
  t.regex(await agent.ready(), /^ready /);
  agent.process.kill('SIGINT');
  t.is((await agent.end()).code, 0);
});

test('wrong flags end with 2, what cannot be opened with 1, each in one line', async (t) => {
  const { origin, folder } = await makePlace(t);
  const frontend = ['--frontend', origin.url.origin];
  const endings = [
    {
      args: ['--listen', 'nowhere', ...frontend],
      code: 2,
      text: /^scree: --listen: expected an addr/,
    },
    {
      args: ['--colour', 'red', ...frontend],
      code: 2,
      text: /^scree: expected an option of this command, got '--colour'/,
    },
    {
      args: [...frontend, '--listen', origin.url.host],
      code: 1,
      text: /^scree: expected to listen on 127\.[\d.]+:\d+, got .*EADDRINUSE.*\n$/,
    },
    {
      args: [...frontend, '--key', join(folder, 'none')],
      code: 1,
      text: /^scree: --key: expected an Ed25519 public key .*ENOENT.*\n$/,
    },
  ];
  for (const { args, code, text } of endings) {
    const agent = startCommand(t, folder, [...args, '--log-level', 'silent']);
    t.is((await agent.end()).code, code);
    t.regex(agent.stderr(), text);
  }
});

async function makePlace(
  t: ExecutionContext,
): Promise<{ readonly origin: Origin; readonly folder: string }> {
  const origin = await createOrigin([tree]);
  t.teardown(origin.stop);
  const folder = await mkdtemp(join(tmpdir(), 'scree-agent-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return { origin, folder };
}

function startCommand(t: ExecutionContext, folder: string, args: readonly string[]) {
  return startAgentCommand(t, ['--store', join(folder, 'store'), ...args]);
}
