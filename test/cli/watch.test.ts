import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { createCli, untilReady } from '../support/cli.ts';

/** A frontend that runs, and machines that are being installed. */
async function start(t: ExecutionContext, names: readonly string[]) {
  const cli = await createCli(t);
  for (const [at, name] of names.entries()) {
    await cli.out('node', 'add', name, '--mac', `52:54:00:00:00:0${at + 1}`);
  }
  await cli.out('node', 'boot', 'all', 'install');
  const frontend = cli.start('frontend');
  const said = once(frontend.stdout, 'data');
  await untilReady(t, frontend);
  const url = /http:\/\/[\d.:]+/.exec(String((await said)[0]))?.[0] ?? '';
  const { state } = cli;
  const key = Buffer.from((await readFile(join(state, 'keys/install.key'), 'utf8')).trim(), 'hex');
  const tell = async (name: string, path: string, body: unknown = '') => {
    const token = installTokenOf(await createNodes({ state }).show(name), key);
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await fetch(`${url}/installs/${token}/${path}`, { method: 'POST', body: sent });
    t.true(reply.ok, await reply.text());
  };
  const tellPhase = (name: string, sequence: number, phase: string, done: number) =>
    tell(name, 'progress', {
      ...{ run: 'a', sequence, atMs: sequence * 1_000 },
      phases: [{ name: phase, atMs: sequence * 1_000 }],
      packages: { done, total: 40 },
      bytes: { frontend: 1_000, peers: 0, rack: done * 2 ** 20, fallback: 0 },
    });
  return { ...cli, frontend, url, tell, tellPhase };
}

/** The lines that a command prints, as they come. */
function linesOf(child: ReturnType<Awaited<ReturnType<typeof createCli>>['start']>) {
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const until = async (isSo: (line: string) => boolean): Promise<string> => {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const found = lines.find(isSo);
      if (found !== undefined) return found;
      await delay(100);
    }
    throw new Error(`expected another line, got:\n${lines.join('\n')}`);
  };
  return { lines, until };
}

test('how things are is shown at once, of all machines or of some', async (t) => {
  const { out, run, tell, tellPhase } = await start(t, ['compute-0-0', 'compute-0-1', 'login-0-0']);
  await tellPhase('compute-0-0', 1, 'packages', 10);
  await tell('compute-0-1', 'failure?reason=no%20disk');
  const all = await out('watch', '--once');
  t.regex(all, /^compute-0-0 +waiting +packages +10 of 40 +10\.0 MiB/m);
  t.regex(all, /^compute-0-1 failed: no disk$/m);
  t.regex(all, /1 failed, 2 waiting/);
  t.notRegex(await out('watch', '--once', 'role=compute'), /login/);
  const { code, stderr } = await run('watch', '--once', 'compute-9-9');
  t.is(code, 1);
  t.regex(stderr, /^scree: expected the names of nodes, got 'compute-9-9'/);
});

test('changes come as they are, and the watch goes on when the frontend is started anew', async (t) => {
  const { start: run, folder, url, frontend, tellPhase } = await start(t, ['a']);
  const watching = run('watch');
  const json = run('watch', '--json', 'a');
  t.teardown(() => void [watching, json].map((child) => child.kill('SIGKILL')));
  const [plain, objects] = [linesOf(watching), linesOf(json)];
  await plain.until((line) => /^a +waiting/.test(line));
  await tellPhase('a', 1, 'partitioned', 0);
  await plain.until((line) => / a waiting, partitioned/.test(line));
  const object = JSON.parse(await objects.until((line) => line.includes('partitioned')));
  t.like(object, { event: 'node', name: 'a', progress: { packages: { done: 0, total: 40 } } });
  frontend.kill('SIGKILL');
  await plain.until((line) => line.startsWith('the frontend is away'));
  await objects.until((line) => line.startsWith('{"event":"away"'));
  // The same address, for those who tell it of their installs.
  const config = join(folder, 'scree.yaml');
  const port = new URL(url).port;
  const before = await readFile(config, 'utf8');
  await writeFile(config, before.replace('127.0.0.1:0', `127.0.0.1:${port}`));
  await untilReady(t, run('frontend'));
  await plain.until((line) => line === 'the frontend is back');
  await tellPhase('a', 2, 'post', 40);
  await plain.until((line) => / a waiting, post, 40 of 40 packages/.test(line));
  watching.kill('SIGINT');
  t.is((await once(watching, 'close'))[0], 0);
});

test('a frontend elsewhere is watched by its URL, with a token where it wants one', async (t) => {
  const { out, run, url, start: spawned } = await start(t, ['a']);
  t.regex(await out('watch', '--once', '--url', url), /^a +waiting/m);
  const wrong = await run('watch', '--once', '--url', 'ftp://x');
  t.is(wrong.code, 2);
  const away = await run('watch', '--once', '--url', 'http://127.0.0.1:1');
  t.is(away.code, 1);
  t.regex(away.stderr, /^scree: expected an answer of the frontend/);
  process.env.SCREE_TOKEN = 'scree_wrong';
  const refused = spawned('watch', '--once', '--url', url);
  delete process.env.SCREE_TOKEN;
  const [[code], stderr] = await Promise.all([once(refused, 'close'), text(refused.stderr)]);
  t.is(code, 1);
  t.regex(stderr, /^scree: expected /);
});

test('without a frontend it is said what to do', async (t) => {
  const { run } = await createCli(t);
  const { code, stderr } = await run('watch');
  t.is(code, 1);
  t.regex(stderr, /^scree: expected a frontend that runs on .*; start it with 'scree frontend'\n$/);
});
