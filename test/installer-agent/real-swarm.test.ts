import test from 'ava';
import { installFiles, startAgentRack } from '../support/agent-rack.ts';
import { bytesOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';

const keys = makeKeys();
const names = Array.from({ length: 60 }, (_, at) => `pool/p${at}.rpm`);
const files = Object.fromEntries(
  names.map((name, at) => [name, bytesOf(name, at % 7 === 0 ? 600_000 : 40_000 + at * 1_000)]),
);
const plain = makeSmallTree({ keys, files, pieceLengthBytes: 64 * 1024 });

test('agents install from each other: every byte right, most of them not the frontend\u2019s', async (t) => {
  const rack = await startAgentRack(t, { keys, trees: [plain] });
  const agents = await Promise.all([1, 2, 3, 4].map((number) => rack.addAgent(number)));
  await Promise.all(agents.map(({ base }) => installFiles(t, { base, tree: plain })));
  for (const { agent } of agents) {
    t.like(agent.status(), { fromSwarmBytes: plain.stream.length, fromFrontendBytes: 0 });
    t.is(agent.status().requestsInFlight, 0);
  }
  const counters = agents.flatMap(({ agent }) => agent.status().trees[0]?.counters ?? []);
  const fromPeers = counters.reduce((sum, each) => sum + each.receivedFromPeersBytes, 0);
  t.true(fromPeers > 2 * plain.stream.length, `${fromPeers / plain.stream.length} copies`);
});

test('where no peer has anything the frontend is read by ranges', async (t) => {
  const rack = await startAgentRack(t, { keys, trees: [plain], seeded: false });
  const { agent, base } = await rack.addAgent(1);
  await installFiles(t, { base, tree: plain });
  t.true(rack.origin.log.some((line) => line.includes('pool/')));
  t.is(agent.status().fromFrontendBytes + agent.status().fromSwarmBytes, plain.stream.length);
});

test('when the frontend has stopped, an agent that has the tree feeds one that has not', async (t) => {
  const rack = await startAgentRack(t, { keys, trees: [plain] });
  const [full, fresh] = await Promise.all([1, 2].map((number) => rack.addAgent(number)));
  await installFiles(t, { base: full?.base ?? '', tree: plain });
  // Both have met by now, or do as soon as one asks.
  await fetch(`${fresh?.base}/install/lab/${names[0]}`).then((response) => response.arrayBuffer());
  await rack.stopFrontend();
  await installFiles(t, { base: fresh?.base ?? '', tree: plain });
  t.is(fresh?.agent.status().requestsFailed, 0);
});
