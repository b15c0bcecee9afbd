import { text as readText } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { OrderAnswer, OrderReport } from '../../src/protocol/install-order.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const names = Array.from({ length: 10 }, (_, index) => `file-${index}`);
const tree = makeSmallTree({
  keys: makeKeys(),
  files: Object.fromEntries(names.map((name) => [name, `all of ${name}`])),
});
const sizeBytes = 'all of file-0'.length;
const rangeOf = (place: number) => ({
  startByte: place * sizeBytes,
  endByte: (place + 1) * sizeBytes,
});

/** An agent before a frontend that says what it is told to, and keeps what it hears. */
async function setUp(t: ExecutionContext, answers: Partial<OrderAnswer>) {
  const said: OrderReport[] = [];
  const usual = { version: 'v', from: 0, places: [], isWhole: true, isLatest: false };
  const { base, swarm } = await startTestAgent(t, [tree], {
    limits: { ...shortLimits, settledMs: 1_500 },
    config: { role: 'login' },
    prepare: ({ scripts }) =>
      scripts.set('/install/lab@1.order', (request, response) => {
        const answer = JSON.stringify({ ...usual, againSeconds: 1, ...answers });
        void readText(request).then((report) => {
          said.push(JSON.parse(report));
          response.end(answer);
        });
      }),
  });
  const read = async (place: number) => (await fetch(`${base}/install/lab/file-${place}`)).text();
  return { said, swarm, read };
}

test('what is asked for is told once, in order, and all of it when the installer has done', async (t) => {
  const { said, read } = await setUp(t, {});
  for (const place of [4, 2, 2, 7]) t.is(await read(place), `all of file-${place}`);
  await eventually(t, () => said.some(({ settled }) => settled !== undefined), 'a whole order');
  t.deepEqual(
    said.flatMap(({ asked }) => asked),
    [4, 2, 7],
  );
  t.deepEqual(said.at(-1)?.settled, [4, 2, 7]);
  t.true(said.every(({ role }) => role === 'login'));
});

test('what others read is expected from the first request on, and at once in the latest tree', async (t) => {
  const others = { places: [3, 1, 8] };
  const { said, swarm, read } = await setUp(t, others);
  await eventually(t, () => said.length > 0, 'the order asked for');
  t.is(swarm.expected(), undefined);
  await read(3);
  await eventually(t, () => swarm.expected() !== undefined, 'an order to read ahead in');
  t.deepEqual(swarm.expected(), [3, 1, 8].map(rangeOf));
  t.deepEqual(
    said.flatMap(({ asked }) => asked),
    [],
  );
  const latest = await setUp(t, { ...others, isLatest: true });
  await eventually(t, () => latest.swarm.expected() !== undefined, 'the same before a request');
});

test('places that are no files of the tree are not expected', async (t) => {
  const { swarm } = await setUp(t, { places: [2, 10, 4_000_000], isLatest: true });
  await eventually(t, () => swarm.expected() !== undefined, 'an order');
  t.deepEqual(swarm.expected(), [rangeOf(2)]);
});

test('a frontend that learns no orders is asked once, and one that talks nonsense does no harm', async (t) => {
  const { base, origin, agent } = await startTestAgent(t, [tree], { limits: shortLimits });
  for (const place of [1, 2, 3]) {
    t.is(await (await fetch(`${base}/install/lab/file-${place}`)).text(), `all of file-${place}`);
  }
  // Longer than the first file is waited for with what is to be told of it.
  await delay(500);
  await agent.close();
  t.deepEqual(
    origin.log.filter((line) => line.startsWith('POST')),
    ['POST /install/lab@1.order'],
  );
  const nonsense = await setUp(t, { places: [-1] });
  t.is(await nonsense.read(5), 'all of file-5');
  t.is(nonsense.swarm.expected(), undefined);
});
