import test from 'ava';
import { FirstByteWaits } from '../../src/installer-agent/first-byte-waits.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { startTestAgent } from '../support/test-agent.ts';

test('the median and the 99th percentile are of the waits that were added', (t) => {
  const waits = new FirstByteWaits();
  t.deepEqual(waits.report(), { count: 0, medianMs: 0, p99Ms: 0 });
  for (let waitMs = 200; waitMs >= 1; waitMs -= 1) waits.add(waitMs);
  t.deepEqual(waits.report(), { count: 200, medianMs: 100, p99Ms: 198 });
});

test('of very many waits the latest count', (t) => {
  const waits = new FirstByteWaits();
  for (let request = 0; request < 10_000; request += 1) waits.add(request < 5000 ? 900 : 7);
  t.deepEqual(waits.report(), { count: 10_000, medianMs: 7, p99Ms: 7 });
});

test("an agent's status counts the requests whose first byte has come", async (t) => {
  const keys = makeKeys();
  const tree = makeSmallTree({ keys, files: { Release: 'Suite: stable' } });
  const { agent } = await startTestAgent(t, [tree], { key: keys.publicKey });
  const base = `http://${agent.address.host}:${agent.address.port}/install/lab`;
  await (await fetch(`${base}/Release`)).text();
  await fetch(`${base}/Release`, { method: 'HEAD' });
  await (await fetch(`${base}/none`)).text();
  t.is(agent.status().firstByte.count, 1);
});
