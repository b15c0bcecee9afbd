import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Agent } from '../../src/installer-agent/start-agent.ts';
import { sum } from '../../src/simulator/sum.ts';
import { haveMet, installFiles, startAgentRack } from '../support/agent-rack.ts';
import { bytesOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';

const mebibyte = 2 ** 20;
const pieceLengthBytes = 64 * 1024;
const keys = makeKeys();
const tree = makeTree('lab', 80);

test.serial(
  'a tree of ten times the store is installed with as much from peers, each piece fetched once',
  async (t) => {
    // Were the frontend's port as fast as this machine, the first would be a store ahead of the rest.
    const uploadBytesPerSecond = 16 * mebibyte;
    const rack = await startAgentRack(t, { keys, trees: [tree], uploadBytesPerSecond });
    const agents = await Promise.all(
      [1, 2, 3].map((number) => rack.addAgent(number, 8 * mebibyte)),
    );
    await haveMet(agents);
    await Promise.all(
      agents.map(async ({ base }, number) => {
        await sleep(number * 100);
        await installFiles(t, { base, tree });
      }),
    );
    const sizeBytes = tree.stream.length;
    const copies = rack.sentBytes() / sizeBytes;
    t.true(copies < 1.5, `${copies} copies left the frontend`);
    for (const { agent } of agents) {
      const { fetchedBytes, fromPeersBytes } = fetchedBy(agent);
      t.true(fetchedBytes < 1.1 * sizeBytes, `fetched ${fetchedBytes / sizeBytes} of the tree`);
      t.true(fromPeersBytes > 0.1 * sizeBytes, `${fromPeersBytes / sizeBytes} from peers`);
      t.is(agent.status().fromFrontendBytes, 0);
      const { usedBytes, sizeBytes: budgetBytes } = agent.status().store;
      t.is(budgetBytes, 8 * mebibyte);
      t.true(usedBytes <= 8 * mebibyte + 25 * mebibyte, `${usedBytes}`);
    }
    // On a busy machine one may be ahead of the others, and has more from the frontend than they.
    const sharesFromPeers = agents.map(({ agent }) => fetchedBy(agent).fromPeersBytes / sizeBytes);
    t.true(sum(sharesFromPeers) > 0.5 * agents.length, `${sharesFromPeers} from peers`);
    t.log(`${copies.toFixed(2)} copies from the frontend`);
  },
);

test.serial(
  'in any other order it is installed, too, and nothing is fetched over and over',
  async (t) => {
    const rack = await startAgentRack(t, { keys, trees: [tree] });
    const agents = await Promise.all([1, 2].map((number) => rack.addAgent(number, 8 * mebibyte)));
    await haveMet(agents);
    const names = [...tree.files.keys()].filter((_, at) => at % 3 === 0);
    await Promise.all(
      agents.map(({ base }, number) =>
        installFiles(t, { base, tree, names: shuffled(names, 17 + number) }),
      ),
    );
    for (const { agent } of agents) {
      const { fetchedBytes } = fetchedBy(agent);
      t.true(fetchedBytes < 4 * tree.stream.length, `${fetchedBytes / tree.stream.length}`);
    }
  },
);

test.serial('several trees share one store', async (t) => {
  const others = ['base', 'updates', 'extras'].map((name) => makeTree(name, 12));
  const rack = await startAgentRack(t, { keys, trees: others });
  const agents = await Promise.all([1, 2].map((number) => rack.addAgent(number, 8 * mebibyte)));
  await Promise.all(
    agents.flatMap(({ base }) => others.map((each) => installFiles(t, { base, tree: each }))),
  );
  for (const { agent } of agents) {
    const { fetchedBytes } = fetchedBy(agent);
    t.true(fetchedBytes < 1.3 * 36 * mebibyte, `${fetchedBytes / mebibyte} MiB`);
    t.true(agent.status().store.usedBytes <= 33 * mebibyte);
  }
});

test.serial('the store moves in the middle of an install, which goes on', async (t) => {
  const rack = await startAgentRack(t, { keys, trees: [tree] });
  const agents = await Promise.all([1, 2].map((number) => rack.addAgent(number, 8 * mebibyte)));
  const installs = Promise.all(agents.map(({ base }) => installFiles(t, { base, tree })));
  const folders = [1, 2].map((number) => join(rack.folder, `target-${number}`));
  await sleep(800);
  for (const [at, { agent, base }] of agents.entries()) {
    const url = `${base}/agent/store?folder=${folders[at]}&size=256M`;
    const response = await fetch(url);
    t.is(response.status, 200, await response.text());
    t.like(agent.status().store, { folder: folders[at], sizeBytes: 256 * mebibyte });
  }
  await installs;
  // Nothing is driven out any more: what is left of the tree has stayed.
  for (const [at, { agent }] of agents.entries()) {
    t.true(agent.status().store.usedBytes > 40 * mebibyte);
    t.true(fetchedBy(agent).fetchedBytes < 1.1 * tree.stream.length);
    const home = join(rack.folder, String(at + 1));
    t.deepEqual(await readdir(home), ['scree-store-moved.json']);
    await agent.leaveStore();
    t.false((await readdir(rack.folder)).includes(`target-${at + 1}`));
    t.deepEqual(await readdir(home), []);
  }
  // From memory, and from each other, and from the frontend.
  await installFiles(t, {
    base: agents[0]?.base ?? '',
    tree,
    names: [...tree.files.keys()].slice(0, 40),
  });
});

test.serial('a move that cannot be is told with its reason, and changes nothing', async (t) => {
  const rack = await startAgentRack(t, { keys, trees: [tree] });
  const { agent, base } = await rack.addAgent(1, 8 * mebibyte);
  await installFiles(t, { base, tree, names: [...tree.files.keys()].slice(0, 40) });
  const before = agent.status().store;
  await writeFile(join(rack.folder, 'plain'), '');
  for (const query of [
    `folder=${join(rack.folder, 'plain/store')}`,
    'folder=/proc/store',
    `folder=${join(rack.folder, 'other')}&size=1M`,
  ]) {
    const response = await fetch(`${base}/agent/store?${query}`);
    t.is(response.status, 409);
    t.regex(await response.text(), /expected .*, got /);
  }
  t.like(agent.status().store, { ...before, usedBytes: agent.status().store.usedBytes });
  await installFiles(t, { base, tree, names: [...tree.files.keys()].slice(0, 80) });
});

function makeTree(name: string, sizeMebibytes: number) {
  const files: Record<string, Buffer> = {};
  let leftBytes = sizeMebibytes * mebibyte;
  for (let at = 0; leftBytes > 0; at += 1) {
    const sizeBytes = Math.min(
      leftBytes,
      at % 20 === 0 ? 900_000 : 40_000 + ((at * 7919) % 160_000),
    );
    leftBytes -= sizeBytes;
    files[`pool/${name}-${at}.rpm`] = bytesOf(`${name}${at}`, sizeBytes);
  }
  return makeSmallTree({ keys, files, name, pieceLengthBytes });
}

function fetchedBy(agent: Agent) {
  let fetchedBytes = 0;
  let fromPeersBytes = 0;
  for (const { counters } of agent.status().trees) {
    if (counters === undefined) continue;
    fromPeersBytes += counters.receivedFromPeersBytes;
    fetchedBytes +=
      counters.receivedFromPeersBytes +
      counters.receivedFromFrontendBytes +
      counters.receivedByHttpBytes;
  }
  return { fetchedBytes, fromPeersBytes };
}

/** The same order in every run. */
function shuffled(names: readonly string[], seed: number): string[] {
  let state = seed;
  const keyed = names.map((name) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return { name, state };
  });
  return keyed.sort((one, other) => one.state - other.state).map(({ name }) => name);
}
