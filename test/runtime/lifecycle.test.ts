import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';

const lifecycle = new URL('../../src/runtime/lifecycle.ts', import.meta.url);
const log = new URL('../../src/runtime/log.ts', import.meta.url);

/** A program whose `start` has this body, and what becomes of it after the signals. */
async function run(start: string, signals: readonly NodeJS.Signals[] = [], deadlineMs = 5_000) {
  const source = `
    import { runProgram } from '${lifecycle.href}';
    import { silentLog } from '${log.href}';
    const say = (text) => process.stdout.write(text + ' ');
    const service = (name, close = async () => say(name)) => ({ name, close });
    const waiting = setInterval(() => {}, 1000);
    await runProgram({ log: silentLog, deadlineMs: ${deadlineMs}, start: async (lifetime) => { ${start} } })
      .catch((error) => { clearInterval(waiting); say('rejected:' + error.message); process.exitCode = 1; });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
  const stdout = collect(child, 'stdout');
  const stderr = collect(child, 'stderr');
  const exited = once(child, 'exit');
  for (const signal of signals) {
    await Promise.race([stdout.next(), exited]);
    child.kill(signal);
  }
  const [code] = await exited;
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr') {
  let text = '';
  const stream = child[name];
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { text: () => text, next: () => (stream === null ? [] : once(stream, 'data')) };
}

const twoServices = `lifetime.add(service('first')); lifetime.add(service('second')); return 'now';`;

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} closes the services in reverse order and exits 0`, async (t) => {
    const { code, stdout } = await run(twoServices, [signal]);
    t.is(stdout, 'ready now\nsecond first ');
    t.is(code, 0);
  });
}

test('a service that fails to close does not keep the others from closing', async (t) => {
  const failing = `lifetime.add(service('first'));
    lifetime.add(service('bad', async () => { throw new Error('no'); })); return 'now';`;
  const { code, stdout } = await run(failing, ['SIGTERM']);
  t.is(stdout, 'ready now\nfirst ');
  t.is(code, 0);
});

test('a service that never closes is left behind at the deadline', async (t) => {
  const hanging = `lifetime.add(service('hangs', () => new Promise(() => {}))); return 'now';`;
  const { code, stderr } = await run(hanging, ['SIGTERM'], 200);
  t.is(code, 1);
  t.regex(stderr, /expected to stop within 200 ms/);
});

test('a second signal ends the program at once', async (t) => {
  const hanging = `lifetime.add(service('hangs', () => { say('closing'); return new Promise(() => {}); }));
    return 'now';`;
  const { code, stderr } = await run(hanging, ['SIGTERM', 'SIGINT'], 60_000);
  t.is(code, 1);
  t.regex(stderr, /a second SIGINT/);
});

test('a failed start closes what had started and rejects', async (t) => {
  const { code, stdout } = await run(
    `lifetime.add(service('first')); throw new Error('port taken');`,
  );
  t.is(stdout, 'first rejected:port taken ');
  t.is(code, 1);
});

test('a signal during the start ends the program without a ready line', async (t) => {
  const slow = `lifetime.add(service('first')); say('starting');
    await new Promise((resolve) => lifetime.signal.addEventListener('abort', resolve)); return 'now';`;
  const { code, stdout } = await run(slow, ['SIGTERM']);
  t.is(stdout, 'starting first ');
  t.is(code, 0);
});

test('a program may stop by itself', async (t) => {
  const { code, stdout } = await run(`setTimeout(() => lifetime.stop('done'), 10); ${twoServices}`);
  t.is(stdout, 'ready now\nsecond first ');
  t.is(code, 0);
});

for (const fault of ["throw new Error('boom');", "void Promise.reject(new Error('boom'));"]) {
  test(`an uncaught error ends the program with a clear last line: ${fault}`, async (t) => {
    const { code, stderr } = await run(`setTimeout(() => { ${fault} }, 10); return 'now';`);
    t.is(code, 1);
    t.regex(stderr.trimEnd().split('\n').at(-1) ?? '', /^scree: expected no such error, got boom;/);
  });
}
