import test from 'ava';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { createInstallOrders } from '../../../src/frontend/orders/install-orders.ts';
import { createOrderRows } from '../../../src/frontend/orders/order-rows.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { makeKeys, makeSmallTree, type SmallTree } from '../../support/small-tree.ts';

const names = Array.from({ length: 12 }, (_, index) => `file-${String(index).padStart(2, '0')}`);
const { manifest } = treeOf(names);
const first = { tree: 'lab', generation: 1, manifest };

function treeOf(files: readonly string[]): SmallTree {
  return makeSmallTree({
    keys: makeKeys(),
    files: Object.fromEntries(files.map((path) => [path, path])),
  });
}

function setUp() {
  let nowMs = 1_000_000;
  const database = openDatabase({ path: ':memory:', migrations, isDurable: false, waitMs: 0 });
  const rows = createOrderRows({ database });
  const open = () => createInstallOrders({ log: silentLog, rows, nowMs: () => nowMs });
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { open, rows, later };
}

const fresh = { role: 'compute', version: '', knownCount: 0, asked: [] };

test('what the first machine asks for is what the next ones hear, as it comes', async (t) => {
  const orders = setUp().open();
  t.deepEqual(orders.report(first, fresh).places, []);
  orders.report(first, { ...fresh, asked: [7, 3] });
  const heard = orders.report(first, fresh);
  t.like(heard, { from: 0, places: [7, 3], isWhole: false });
  orders.report(first, { ...fresh, asked: [3, 9] });
  const { version } = heard;
  const more = orders.report(first, { ...fresh, version, knownCount: 2 });
  t.like(more, { version, from: 2, places: [9] });
  t.deepEqual(orders.report(first, { ...fresh, role: 'login' }).places, []);
  await orders.close();
});

test('an order is there after a restart, and for the next generation', async (t) => {
  const { open, later } = setUp();
  const orders = open();
  orders.report(first, { ...fresh, asked: [5, 1] });
  orders.report(first, { ...fresh, asked: [4, 2], settled: [5, 1, 4, 2] });
  await orders.close();
  later(60_000);
  const again = open();
  t.like(again.report(first, fresh), { places: [5, 1, 4, 2], isWhole: true, isLatest: true });
  const next = treeOf(['an-earlier-file', ...names]);
  const second = { tree: 'lab', generation: 2, manifest: next.manifest };
  const { places } = again.report(second, fresh);
  const heard = places.map((place) => next.manifest.files[place]?.path);
  t.deepEqual(heard, ['file-05', 'file-01', 'file-04', 'file-02']);
  await again.close();
});

test('a run that begins later hears what the one before has taught', async (t) => {
  const { open, later } = setUp();
  const orders = open();
  orders.report(first, { ...fresh, asked: [0, 1, 2, 3, 11] });
  orders.report(first, { ...fresh, settled: [3, 2, 1, 0] });
  t.deepEqual(orders.report(first, fresh).places, [0, 1, 2, 3, 11]);
  later(16 * 60_000);
  t.like(orders.report(first, fresh), { places: [3, 2, 1, 0], isWhole: true });
  await orders.close();
});

test('the tree that a role has read last is told', async (t) => {
  const { open, later } = setUp();
  const orders = open();
  const other = { ...first, tree: 'other' };
  orders.report(first, { ...fresh, settled: [3, 2, 1, 0] });
  later(1000);
  orders.report(other, { ...fresh, settled: [3, 2, 1, 0] });
  t.false(orders.report(first, fresh).isLatest);
  t.true(orders.report(other, fresh).isLatest);
  await orders.close();
});

test('what nobody can ask for is passed over, and what machines say has an end', async (t) => {
  const { open, rows } = setUp();
  const orders = open();
  const { places } = orders.report(first, { ...fresh, asked: [2, 12, 2, 19_999, 11] });
  t.deepEqual(places, [2, 11]);
  for (let index = 0; index < 300; index += 1) {
    orders.report(first, { ...fresh, role: `r${index}`, asked: [0], settled: [0, 1, 2, 3] });
  }
  await orders.close();
  t.is(rows.read().length, 64);
  t.is(rows.read().at(-1)?.role, 'r299');
});

test('the more machines report, the less often each is asked to', async (t) => {
  const { open, later } = setUp();
  const orders = open();
  t.is(orders.report(first, fresh).againSeconds, 2);
  // A thousand machines, each every two seconds.
  let seconds = 0;
  for (let index = 0; index < 7000; index += 1) {
    later(2);
    seconds = orders.report(first, fresh).againSeconds;
  }
  t.true(seconds > 9 && seconds < 11, `${seconds} s`);
  await orders.close();
});
