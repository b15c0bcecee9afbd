import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { controlSocketPath, openControlSocket } from '../../src/frontend/control-socket.ts';
import { FrontendError } from '../../src/frontend/errors.ts';
import { sendText } from '../../src/frontend/http/replies.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { ask } from './http/client.ts';
import { temporaryFolder } from './http/fixture.ts';

const open = (folder: string, text = 'hello') =>
  openControlSocket(
    { log: silentLog, handle: async (_, response) => sendText(response, 200, text) },
    folder,
  );
const answerOf = async (folder: string) =>
  String((await ask(0, '/', { socketPath: controlSocketPath(folder) })).body).trim();

test('it is for its owner only, and gone after closing', async (t) => {
  const folder = join(await temporaryFolder(t), 'made', 'on-the-way');
  const control = await open(folder);
  t.is((await stat(controlSocketPath(folder))).mode & 0o777, 0o600);
  t.is(await answerOf(folder), 'hello');
  await control.close();
  t.deepEqual(await readdir(folder), []);
});

test('a second frontend on the same state is refused and harms nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const control = await open(folder);
  const error = await t.throwsAsync(open(folder), { instanceOf: FrontendError });
  t.regex(error?.message ?? '', /expected no other frontend on .*, found one that answers/);
  t.is(await answerOf(folder), 'hello');
  await control.close();
});

test('one left behind by a killed frontend is replaced', async (t) => {
  const folder = await temporaryFolder(t);
  const path = controlSocketPath(folder);
  const source = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const killed = spawn(process.execPath, ['-e', source]);
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  t.true((await stat(path)).isSocket());
  const control = await open(folder, 'the new one');
  t.is(await answerOf(folder), 'the new one');
  await control.close();
});

test('closing leaves the socket of a successor alone', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await open(folder, 'first');
  await rm(controlSocketPath(folder));
  const second = await open(folder, 'second');
  await first.close();
  t.is(await answerOf(folder), 'second');
  await second.close();
});

test('a state folder whose socket would have too long a path is refused with the limit', async (t) => {
  const folder = join(await temporaryFolder(t), 'x'.repeat(90));
  const error = await t.throwsAsync(open(folder), { instanceOf: FrontendError });
  t.regex(error?.message ?? '', /has a path of at most \d+ bytes, got \d+/);
});

test('a state folder that cannot be made is refused by its name', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  const error = await t.throwsAsync(open(join(file, 'state')), { instanceOf: FrontendError });
  t.regex(
    error?.message ?? '',
    /^state: expected a folder .*file\/state' that this user can write to/,
  );
});
