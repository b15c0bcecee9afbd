import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ForeignProgram, runForeign } from './foreign-program.ts';
import { addTree } from './state-fixture.ts';
import { announce, get, infohash, otherInfohash, textOf } from './tracker-fixture.ts';
import { until } from './until.ts';

test("the tracker alone serves a state folder's trees, also those that come later", async (t) => {
  const { state, program, port } = await startProgram(t);
  t.is((await announce(port)).incomplete, 1);
  const unknown = await announce(port, { info_hash: otherInfohash });
  t.true(textOf(unknown['failure reason']).includes(otherInfohash));
  await addTree(state, { tree: 'later', generation: 1, infohash: otherInfohash });
  await until('the new tree', async () => {
    const reply = await announce(port, { info_hash: otherInfohash });
    return reply['failure reason'] === undefined || undefined;
  });
  const page = (await get(`http://127.0.0.1:${port}/stats`)).body.toString();
  t.true(page.includes('bookworm') && page.includes('later'));
  await program.stop('SIGTERM');
  t.is(await program.ended, 0);
});

test('a port that is taken ends it with a last line that says so', async (t) => {
  const { config, port } = await startProgram(t);
  await writeFile(config, `{ state: state, tracker: { listen: "127.0.0.1:${port}" } }`);
  const second = runForeign(t, './scree', ['tracker', '-c', config]);
  t.is(await second.ended, 1);
  const line = second.output().trim().split('\n').at(-1);
  t.regex(line ?? '', new RegExp(`^scree: expected to listen on 127\\.0\\.0\\.1:${port} `));
});

type Started = {
  readonly state: string;
  readonly config: string;
  readonly program: ForeignProgram;
  readonly port: number;
};

async function startProgram(t: ExecutionContext): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-tracker-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const state = join(folder, 'state');
  const config = join(folder, 'scree.yaml');
  await writeFile(config, '{ state: state, tracker: { listen: "127.0.0.1:0" } }');
  await addTree(state, { tree: 'bookworm', generation: 1, infohash });
  const program = runForeign(t, './scree', ['tracker', '-c', config]);
  const ready = /^ready http:\/\/127\.0\.0\.1:(\d+)\/announce udp:\/\/127\.0\.0\.1:\1\/announce$/m;
  const match = await until('a ready line', () => ready.exec(program.output()) ?? undefined);
  return { state, config, program, port: Number(match[1]) };
}
