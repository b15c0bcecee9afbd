import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { aria2, aria2Options } from '../support/foreign-clients.ts';
import { createLoopbackGround } from '../support/foreign-ground.ts';
import { testForeignClient } from '../support/foreign-scenarios.ts';
import { ForeignSwarm } from '../support/foreign-swarm.ts';
import { hashBytes } from '../support/foreign-tree.ts';

testForeignClient({ client: aria2, createGround: createLoopbackGround });

test('aria2 fetches one file by the URL of its torrent', async (t) => {
  const ground = createLoopbackGround();
  const swarm = await ForeignSwarm.start(ground);
  t.teardown(() => swarm.close());
  const path = 'Packages/n/naïve-名前-1.0.rpm';
  const place = { address: ground.clientAddress, port: await ground.findClientPort() };
  const command = ['aria2c', ...aria2Options(place), `--dir=${swarm.folder}`, '--seed-time=0'];
  const program = ground.start([...command, swarm.url(`/${encodeURI(path)}.torrent`)]);
  t.like(await program.ended, { code: 0 });
  const file = await readFile(join(swarm.folder, 'naïve-名前-1.0.rpm'));
  t.is(hashBytes(file), swarm.content[path] ?? '');
});
