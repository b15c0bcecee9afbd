import test from 'ava';
import fc from 'fast-check';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { LeaseTable } from '../../../src/frontend/dhcp/lease-table.ts';

const range = { first: '10.1.0.10', last: '10.1.0.19' };
const anyone = () => true;

function lease(values: Partial<Lease> = {}): Lease {
  const mac = '52:54:00:00:00:01';
  const holder = `mac:${mac}`;
  return { address: '10.1.0.10', holder, mac, state: 'bound', untilMs: 100, ...values };
}

test('a forgotten machine gets the address that it would have got at first', (t) => {
  const pick = () =>
    new LeaseTable().pick({ range, holder: 'mac:52:54:00:00:00:07', nowMs: 0, isAllowed: anyone });
  t.is(pick(), pick());
});

test('addresses that nobody had come first, then the one that ended first', (t) => {
  const table = new LeaseTable();
  const order: string[] = [];
  for (let nowMs = 1; nowMs <= 10; nowMs += 1) {
    const address = table.pick({ range, holder: 'h', nowMs: 0, isAllowed: anyone }) ?? '';
    table.put(lease({ address, holder: `h${nowMs}`, untilMs: nowMs }));
    order.push(address);
  }
  t.is(new Set(order).size, 10);
  t.is(table.pick({ range, holder: 'h', nowMs: 50, isAllowed: anyone }), order[0]);
});

test('a full range is full until the first lease ends, or one is given back', (t) => {
  const table = new LeaseTable();
  for (let at = 10; at < 20; at += 1) {
    table.put(lease({ address: `10.1.0.${at}`, holder: `h${at}`, untilMs: at * 100 }));
  }
  const pickAt = (nowMs: number) => table.pick({ range, holder: 'x', nowMs, isAllowed: anyone });
  t.is(pickAt(500), undefined);
  t.is(pickAt(999), undefined);
  t.is(pickAt(1000), '10.1.0.10');
  table.put(lease({ holder: 'x', untilMs: 9_000 }));
  t.is(pickAt(1000), undefined);
  table.put(lease({ address: '10.1.0.15', holder: 'h15', state: 'released' }));
  t.is(pickAt(1000), '10.1.0.15');
});

test('a full range is found full without looking at all of it for each packet', (t) => {
  const table = new LeaseTable();
  for (let at = 10; at < 20; at += 1) {
    table.put(lease({ address: `10.1.0.${at}`, holder: `h${at}`, untilMs: 90_000 }));
  }
  let looked = 0;
  const pick = (nowMs: number) =>
    table.pick({
      range: { first: '10.1.0.10', last: '10.1.0.30' },
      holder: 'x',
      nowMs,
      isAllowed: () => {
        looked += 1;
        return false;
      },
    });
  t.is(pick(1), undefined);
  t.is(looked, 11);
  for (let nowMs = 2; nowMs < 1_000; nowMs += 1) pick(nowMs);
  t.is(looked, 11);
  // Nodes that are removed give addresses back without a word.
  pick(6_000);
  t.is(looked, 22);
});

test('what an address or a holder has is what was put last, in whatever order', (t) => {
  const change = fc.record({
    at: fc.integer({ min: 10, max: 14 }),
    holder: fc.constantFrom('a', 'b', 'c'),
    isRemoved: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { size: 'max', maxLength: 60 }), (changes) => {
      const table = new LeaseTable();
      const model = new Map<string, Lease>();
      for (const { at, holder, isRemoved } of changes) {
        const put = lease({ address: `10.1.0.${at}`, holder });
        if (isRemoved) {
          table.remove(put.address);
          model.delete(put.address);
        } else {
          table.put(put);
          model.set(put.address, put);
        }
      }
      const byAddress = (one: Lease, other: Lease) => (one.address < other.address ? -1 : 1);
      for (const holder of ['a', 'b', 'c']) {
        const expected = [...model.values()].filter((each) => each.holder === holder);
        t.deepEqual(table.of(holder).toSorted(byAddress), expected.sort(byAddress));
      }
      for (const [address, each] of model) t.is(table.at(address), each);
      t.is(table.size, model.size);
    }),
  );
});
