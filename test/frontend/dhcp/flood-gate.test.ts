import test from 'ava';
import fc from 'fast-check';
import { FloodGate } from '../../../src/frontend/dhcp/flood-gate.ts';

const mac = '52:54:00:00:00:01';
const burst = 20;
const perSecond = 5;
const machinesLimit = 8192;

function admittedOf(gate: FloodGate, count: number, nowMs: number, from = mac): number {
  return Array.from({ length: count }, () => gate.admits(from, nowMs)).filter(Boolean).length;
}

/** As many other machines speak once each; those of another group are others. */
function others(gate: FloodGate, count: number, group = 'a'): void {
  for (let each = 0; each < count; each += 1) gate.admits(`${group} ${each}`, 0);
}

test('one machine is heard in a burst, and then five times a second', (t) => {
  const gate = new FloodGate();
  t.is(admittedOf(gate, 1000, 0), burst);
  t.is(admittedOf(gate, 1000, 199), 0);
  t.is(admittedOf(gate, 1000, 200), 1);
  t.is(admittedOf(gate, 1000, 1200), perSecond);
});

test('silence brings back a burst, however long it was', (t) => {
  const gate = new FloodGate();
  admittedOf(gate, 1000, 0);
  t.is(admittedOf(gate, 1000, 4000), burst);
  t.is(admittedOf(gate, 1000, 86_400_000), burst);
});

test('a flood of one machine costs the others nothing', (t) => {
  const gate = new FloodGate();
  admittedOf(gate, 1000, 0);
  t.is(admittedOf(gate, 1000, 0, '52:54:00:00:00:02'), burst);
});

test('firmware that asks every second is always heard', (t) => {
  const gate = new FloodGate();
  for (let second = 0; second < 1000; second += 1) t.true(gate.admits(mac, second * 1000));
});

test('8192 machines are remembered, and beyond that the one not heard for longest is not', (t) => {
  const gate = new FloodGate();
  admittedOf(gate, burst, 0);
  others(gate, machinesLimit - 1);
  t.false(gate.admits(mac, 0), 'remembered, and heard last now');
  others(gate, machinesLimit - 1, 'b');
  t.false(gate.admits(mac, 0));
  others(gate, machinesLimit, 'c');
  t.true(gate.admits(mac, 0), 'forgotten: memory has its limit');
});

test('whatever the times, no machine is heard more than a burst and five times a second', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300, size: 'max' }),
        (gapsMs) => {
          const gate = new FloodGate();
          let nowMs = 0;
          const heardMs: number[] = [];
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            if (gate.admits(mac, nowMs)) heardMs.push(nowMs);
          }
          return heardMs.every((fromMs, first) =>
            heardMs.slice(first).every((untilMs, more) => {
              const mostCount = burst + ((untilMs - fromMs) / 1000) * perSecond;
              return more + 1 <= mostCount + 1e-6;
            }),
          );
        },
      ),
    ),
  );
});
