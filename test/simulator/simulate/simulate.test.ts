import test from 'ava';
import fc from 'fast-check';
import { collectFigures } from '../../../src/simulator/simulate/figures.ts';
import { createModelRack } from '../../../src/simulator/simulate/model-rack.ts';
import { defaultOptions, type SimulateOptions } from '../../../src/simulator/simulate/options.ts';
import { simulate } from '../../../src/simulator/simulate/run.ts';

const small: SimulateOptions = {
  ...defaultOptions,
  nodes: 6,
  treeBytes: 4 * 2 ** 20,
  files: 20,
  nodeBytesPerSecond: 5_000_000,
  frontendBytesPerSecond: 5_000_000,
  headStartMs: 2000,
};

const anyRack = fc.record({
  nodes: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
  frontendBytesPerSecond: fc.constantFrom(2_000_000, 5_000_000, 50_000_000),
  rackSize: fc.constantFrom(undefined, 2, 3),
  uplinkRatio: fc.constantFrom(1, 4),
  startSpreadMs: fc.constantFrom(0, 3000),
  goneForMs: fc.constantFrom(0, 2000),
  goneAtMs: fc.constantFrom(200, 1000),
  silent: fc.integer({ min: 0, max: 1 }),
  liars: fc.integer({ min: 0, max: 1 }),
  slow: fc.integer({ min: 0, max: 1 }),
  files: fc.constantFrom(1, 20),
  part: fc.constantFrom(1, 0.4),
  scattered: fc.boolean(),
  orderKnown: fc.boolean(),
});

test('whatever the rack, everybody gets everything, and nobody faster than the network allows', async (t) => {
  const check = async (over: Partial<SimulateOptions>) => {
    const options = { ...small, ...over };
    const figures = await simulate(options);
    const { bytes } = figures;
    t.is(bytes.installed, bytes.wanted);
    if (options.part === 1) t.is(bytes.wanted, options.nodes * options.treeBytes);
    t.true(figures.receivedToWanted >= 1);
    t.true(figures.makespanToLimit >= 1, `${figures.makespanToLimit}`);
    t.true(figures.copies >= 1);
    t.true(bytes.taken + bytes.unwanted <= bytes.sent);
    t.true(bytes.taken + bytes.fallback >= bytes.installed);
    t.true(figures.slowestToMedian >= 1);
    t.true(figures.firstByteP99Seconds >= figures.firstByteMedianSeconds);
    if (options.goneForMs === 0) t.true(figures.frontendPeers >= options.nodes);
    if (figures.racks > 1) t.true(Number(figures.uplinks?.inMost) >= 1);
    if (options.liars === 0) t.is(figures.wrongPieces, 0);
  };
  await t.notThrowsAsync(() => fc.assert(fc.asyncProperty(anyRack, check), { numRuns: 12 }));
});

test('on slow lines nothing is fetched from the frontend by HTTP that is on its way', async (t) => {
  const rate = { nodeBytesPerSecond: 375_000, frontendBytesPerSecond: 375_000 };
  const slow = { ...small, ...rate, nodes: 4, treeBytes: 24 * 2 ** 20, files: 8 };
  const figures = await simulate(slow);
  t.true(figures.fallbackCopies < 0.1, `${figures.fallbackCopies}`);
  t.true(figures.makespanToLimit < 1.5, `${figures.makespanToLimit}`);
});

test('a frontend that is killed in the middle costs the time that it is away, and little more', async (t) => {
  const options = { ...small, nodes: 8, treeBytes: 32 * 2 ** 20, goneAtMs: 3000 };
  for (const goneForMs of [4000, 11_000]) {
    const figures = await simulate({ ...options, goneForMs });
    t.true(figures.limitSeconds * 1000 > goneForMs + 6000);
    t.true(figures.makespanToLimit < 1.25, `${figures.makespanToLimit}`);
    t.true(figures.fallbackCopies < 0.1, `${figures.fallbackCopies}`);
  }
});

test('what one has received, another has sent', async (t) => {
  const options = { ...small, nodes: 4, liars: 1 };
  const rack = createModelRack(options);
  while (rack.ended() < options.nodes && (await rack.time.step()));
  const counters = rack.nodes.flatMap(({ leecher }) => leecher?.status().counters ?? []);
  const total = (pick: (each: (typeof counters)[number]) => number) =>
    counters.reduce((sum, each) => sum + pick(each), 0);
  const verified = total((each) => each.receivedFromPeersBytes + each.receivedFromFrontendBytes);
  const wrong = total((each) => each.badPieces) * rack.tree.metainfo.pieceLengthBytes;
  const sent = total((each) => each.sentBytes) + rack.frontend.sentBytes();
  t.is(counters.length, 4);
  t.true(wrong > 0, 'the liar was asked');
  t.true(verified + wrong <= rack.traffic.takenBytes);
  t.true(verified <= sent, 'nothing that verified came from the liar');
  t.true(rack.traffic.sentBytes >= sent + wrong);
  t.is(collectFigures(rack, options).bytes.sent, rack.traffic.sentBytes);
});

test('with nobody but liars beside it, a node gets all from the frontend, none of it wrong', async (t) => {
  const options = { ...small, nodes: 2, liars: 2 };
  const rack = createModelRack(options);
  while (rack.ended() < options.nodes && (await rack.time.step()));
  for (const { leecher, installation } of rack.nodes) {
    t.is(installation?.receivedBytes, options.treeBytes);
    const status = leecher?.status();
    t.true(Number(status?.counters.badPieces) <= 2, 'one wrong piece, and it is not asked again');
    t.true(status?.offenders.every((each) => /does not verify/.test(each.reason)));
  }
});

test('who wants a part of the tree receives little besides, where its order is known and laid out', async (t) => {
  const options = { ...small, treeBytes: 32 * 2 ** 20, files: 200, part: 0.3 };
  const known = { ...options, orderKnown: true };
  const together = await simulate(known);
  t.true(together.receivedToWanted <= 1.05, `${together.receivedToWanted}`);
  const scattered = await simulate({ ...known, scattered: true });
  t.true(scattered.receivedToWanted > 1.1, `${scattered.receivedToWanted}`);
  const unknown = await simulate({ ...options, scattered: true });
  t.true(unknown.makespanToLimit > together.makespanToLimit, `${unknown.makespanToLimit}`);
});

test('the same seed gives the same figures to the last digit, another one others', async (t) => {
  const options = { ...small, slow: 1, silent: 1, rackSize: 3 };
  const first = await simulate(options);
  t.deepEqual(await simulate(options), first);
  const other = await simulate({ ...options, seed: 2 });
  t.notDeepEqual({ ...other, seed: 1 }, first);
});

test('one node alone has the frontend for itself; many share what left it once', async (t) => {
  const options = { ...small, treeBytes: 16 * 2 ** 20 };
  const alone = await simulate({ ...options, nodes: 1 });
  t.true(alone.makespanToLimit < 1.1, `${alone.makespanToLimit}`);
  t.is(alone.copies, 1);
  const eight = await simulate({ ...options, nodes: 8 });
  t.true(eight.makespanToLimit < 1.5, `${eight.makespanToLimit}`);
  t.true(eight.copies < 1.3, `${eight.copies}`);
});

test('a model with fewer pieces takes the time of the real one', async (t) => {
  const options = { ...small, nodes: 4, treeBytes: 32 * 2 ** 20 };
  const real = await simulate(options);
  const model = await simulate({ ...options, pieces: 128 });
  t.is(real.scale, 1);
  t.is(model.scale, 4);
  t.is(model.pieces, 128);
  t.is(model.limitSeconds, real.limitSeconds);
  const ratio = model.makespanSeconds / real.makespanSeconds;
  t.true(ratio > 0.8 && ratio < 1.25, `${ratio}`);
});

test('a slow peer, a silent one and a liar delay the others, but not for long', async (t) => {
  const options = { ...small, nodes: 8, treeBytes: 16 * 2 ** 20 };
  const healthy = await simulate(options);
  for (const bad of [{ slow: 1 }, { silent: 1 }, { liars: 1 }]) {
    const figures = await simulate({ ...options, ...bad });
    const ratio = figures.makespanSeconds / healthy.makespanSeconds;
    t.true(ratio < 2, `${JSON.stringify(bad)}: ${ratio}`);
  }
});

test('what crosses the uplink of a rack crosses it once, where racks are known', async (t) => {
  const racks = { nodes: 16, rackSize: 8, uplinkRatio: 4, treeBytes: 8 * 2 ** 20, files: 40 };
  const aware = await simulate({ ...small, ...racks });
  const blind = await simulate({ ...small, ...racks, blind: true });
  t.true(Number(aware.uplinks?.inMost) <= 1.15, `${aware.uplinks?.inMost} trees into a rack`);
  t.true(Number(blind.uplinks?.inMost) > 2, `${blind.uplinks?.inMost} without the rules`);
  t.true(aware.makespanSeconds < blind.makespanSeconds);
});
