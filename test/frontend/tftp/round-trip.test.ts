import test from 'ava';
import { RoundTrip } from '../../../src/frontend/tftp/round-trip.ts';

test('before anything is measured a second is waited, then twice as long each time', (t) => {
  const roundTrip = new RoundTrip();
  const timeouts = Array.from({ length: 5 }, () => {
    const { timeoutMs } = roundTrip;
    roundTrip.backOff();
    return timeoutMs;
  });
  t.deepEqual(timeouts, [1_000, 2_000, 4_000, 5_000, 5_000]);
});

test('a quick client is waited for shortly', (t) => {
  const roundTrip = new RoundTrip();
  for (let count = 0; count < 50; count += 1) roundTrip.measured(0.3);
  t.true(roundTrip.timeoutMs > 20 && roundTrip.timeoutMs < 25, `${roundTrip.timeoutMs}`);
});

test('a client that is now quick, now slow is waited for longer than it ever took', (t) => {
  const roundTrip = new RoundTrip();
  for (let count = 0; count < 50; count += 1) roundTrip.measured(count % 2 === 0 ? 1 : 200);
  t.true(roundTrip.timeoutMs > 200, `${roundTrip.timeoutMs}`);
});

test('what the client itself waits is the most', (t) => {
  const roundTrip = new RoundTrip(2_000);
  roundTrip.measured(10_000);
  t.is(roundTrip.timeoutMs, 2_000);
  roundTrip.backOff();
  t.is(roundTrip.timeoutMs, 2_000);
});

test('who answers quickly again is waited for as before', (t) => {
  const roundTrip = new RoundTrip();
  for (let count = 0; count < 50; count += 1) roundTrip.measured(0.3);
  for (let count = 0; count < 12; count += 1) roundTrip.backOff();
  t.is(roundTrip.timeoutMs, 5_000);
  roundTrip.answered(6_000);
  t.is(roundTrip.timeoutMs, 5_000);
  roundTrip.answered(0.4);
  t.true(roundTrip.timeoutMs > 20 && roundTrip.timeoutMs < 25, `${roundTrip.timeoutMs}`);
});

test('a client that has become slow is waited for long enough to be measured again', (t) => {
  const roundTrip = new RoundTrip();
  for (let count = 0; count < 50; count += 1) roundTrip.measured(0.3);
  while (roundTrip.timeoutMs < 200) roundTrip.backOff();
  for (let count = 0; count < 3; count += 1) roundTrip.answered(200);
  t.true(roundTrip.timeoutMs > 200 && roundTrip.timeoutMs < 400, `${roundTrip.timeoutMs}`);
});
