import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { inDemoPlace } from '../../src/simulator/demo-place.ts';

const never = new AbortController().signal;

test('the folder is gone when the work is done, and the result is its own', async (t) => {
  let folder = '';
  const result = await inDemoPlace(async (place) => {
    folder = place.folder;
    await writeFile(join(folder, 'file'), 'content');
    return 'result';
  }, never);
  t.is(result, 'result');
  await t.throwsAsync(access(folder), { code: 'ENOENT' });
});

test('a program that ends by itself is named with the last it said', async (t) => {
  const work = inDemoPlace(async (place) => {
    await place.start('the agent', ['agent', '--frontend', 'x']).success();
  }, never);
  const message = /^expected the agent to succeed, but it ended with exit code 2; .* got 'x'/;
  await t.throwsAsync(work, { code: 'child-died', message });
});

test('a program that never gets ready, because it ends before, is named too', async (t) => {
  const work = inDemoPlace((place) => place.start('the help', ['agent', '--help']).ready(), never);
  await t.throwsAsync(work, { code: 'child-died', message: /the help .* exit code 0/ });
});

test('an abort ends the work and the programs, and nothing can be started then', async (t) => {
  const stop = new AbortController();
  const reason = new Error('enough');
  let late: unknown;
  let folder = '';
  const work = inDemoPlace(async (place) => {
    folder = place.folder;
    const url = 'http://127.0.0.1:1';
    const args = ['agent', '--frontend', url, '--listen', '127.0.0.1:0', '--swarm-port', '0'];
    const agent = place.start('an agent', [...args, '--store', join(folder, 'store')]);
    await delay(300);
    stop.abort(reason);
    await t.throwsAsync(agent.watch(), { code: 'interrupted' });
    late = t.throws(() => place.start('another', ['agent']));
  }, stop.signal);
  t.is(await t.throwsAsync(work), reason);
  t.is(late, reason);
  await t.throwsAsync(access(folder), { code: 'ENOENT' });
});
