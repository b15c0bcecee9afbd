import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf } from './fixture.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));
const rounds = 10;

test('killed at any instant, all that was told as done is there, and all of it or nothing', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const open = () => openNodeRecords({ log: silentLog }, { path });
  const first = open();
  for (let at = 0; at < 100; at += 1) first.store.add({ name: `n-${at}`, macs: [macOf(at)] });
  await first.close();
  for (let round = 0; round < rounds; round += 1) {
    const done = await writeAndKill(path, round * 7);
    const { store, close } = open();
    for (const name of done.names) t.truthy(store.byName(name), name);
    // One extra node may have been added and not armed yet when the kill came.
    const actions = store.all().map(({ bootAction }) => bootAction);
    const odd = Math.min(
      ...['os', 'install'].map((one) => actions.filter((each) => each === one).length),
    );
    t.true(odd <= 1, `${odd} of ${actions.length} nodes`);
    t.true(store.all().length - 100 >= done.names.length);
    await close();
  }
});

async function writeAndKill(path: string, afterMs: number) {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  await delay(afterMs);
  child.kill('SIGKILL');
  await closed;
  const lines = text.split('\n').slice(0, -1);
  return { names: lines.map((line) => line.split(' ')[0] ?? '') };
}
