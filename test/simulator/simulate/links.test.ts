import test from 'ava';
import fc from 'fast-check';
import { Channel, Port } from '../../../src/simulator/simulate/channel.ts';
import { carryOver, Link, onTheWireBytes } from '../../../src/simulator/simulate/link.ts';
import { Reading } from '../../../src/simulator/simulate/reading.ts';
import { VirtualTime } from '../../../src/simulator/simulate/virtual-time.ts';

const noQueue = 0;

test('events happen in the order of their times, and of their planning where those are equal', (t) => {
  const anyPlan = fc.array(fc.integer({ min: 0, max: 20 }), { size: 'max', maxLength: 200 });
  const check = async (times: readonly number[]) => {
    const time = new VirtualTime();
    const happened: { readonly atMs: number; readonly order: number }[] = [];
    const timers = times.map((atMs, order) => time.at(atMs, () => happened.push({ atMs, order })));
    timers.forEach((timer, order) => {
      if (order % 5 === 4) timer.cancel();
    });
    while (await time.step());
    const expected = times
      .map((atMs, order) => ({ atMs, order }))
      .filter(({ order }) => order % 5 !== 4)
      .sort((one, other) => one.atMs - other.atMs || one.order - other.order);
    return JSON.stringify(happened) === JSON.stringify(expected);
  };
  return t.notThrowsAsync(() => fc.assert(fc.asyncProperty(anyPlan, check)));
});

test('what waits for a promise goes on before the next event', async (t) => {
  const time = new VirtualTime();
  const story: string[] = [];
  time.at(1, () => {
    time.unsettle();
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => story.push(`promise at ${time.nowMs()}`));
  });
  time.at(2, () => story.push('event at 2'));
  while (await time.step());
  t.deepEqual(story, ['promise at 1', 'event at 2']);
});

test('a link carries no more than its rate, whatever it is given and when', (t) => {
  const anyLoad = fc.array(
    fc.record({ sizeBytes: fc.integer({ min: 1, max: 5000 }), pauseMs: fc.nat(20) }),
    { size: 'max', minLength: 1, maxLength: 100 },
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(anyLoad, (load) => {
        const link = new Link(1_000_000, noQueue);
        let nowMs = 0;
        let bytes = 0;
        for (const { sizeBytes, pauseMs } of load) {
          nowMs += pauseMs;
          bytes += sizeBytes;
          const endMs = carryOver([link], sizeBytes, nowMs);
          if (endMs + 1e-6 < bytes / 1000) return false;
        }
        return link.carriedBytes === bytes;
      }),
    ),
  );
});

test('over several links, something takes the time of the slowest, not of all', (t) => {
  const links = [1_000_000, 500_000, 2_000_000].map((rate) => new Link(rate, noQueue));
  t.is(carryOver(links, 1000, 0), 2);
});

test('connections of a port take turns, and each keeps its order', async (t) => {
  const time = new VirtualTime();
  const port = new Port(new Link(1_000_000, noQueue), time);
  const arrived: string[] = [];
  const open = () => new Channel({ port, time }, { path: [], latencyMs: 1 }, () => {});
  const [one, other] = [open(), open()];
  for (const [name, channel] of [
    ['a', one],
    ['b', other],
  ] as const) {
    for (let count = 1; count <= 3; count += 1) {
      channel.send(10_000, () => arrived.push(`${name}${count}`));
    }
  }
  one.sendSmall(10, () => arrived.push('a-small'));
  while (await time.step());
  t.deepEqual(arrived, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a-small']);
  t.true(time.nowMs() >= (6 * onTheWireBytes(10_000)) / 1000 + 1);
});

test('what is closed sends nothing more, and does not keep others waiting', async (t) => {
  const time = new VirtualTime();
  const port = new Port(new Link(1_000_000, noQueue), time);
  const arrived: string[] = [];
  const open = () => new Channel({ port, time }, { path: [], latencyMs: 0 }, () => {});
  const [one, other] = [open(), open()];
  for (let count = 0; count < 5; count += 1) one.send(10_000, () => arrived.push('closed'));
  other.send(10_000, () => arrived.push('open'));
  one.close();
  while (await time.step());
  t.deepEqual(arrived, ['closed', 'open']);
  t.is(port.waitingBytes, 0);
});

test('a connection that had little to read rests; what comes meanwhile is read together', async (t) => {
  const time = new VirtualTime();
  const reading = new Reading(time);
  const reads: number[] = [];
  const inbox = {
    read: () => {
      reads.push(time.nowMs());
      return 100;
    },
    restsUntilMs: 0,
    isInLine: false,
  };
  for (const atMs of [1, 2, 20, 100]) time.at(atMs, () => reading.arrived(inbox, false));
  while (await time.step());
  t.deepEqual(reads, [1, 31, 100]);
});
