import test, { type ExecutionContext } from 'ava';
import type { ForeignClient } from './foreign-clients.ts';
import type { Ground } from './foreign-ground.ts';
import { ForeignSwarm } from './foreign-swarm.ts';
import { emptyFile, readForeignTree, type TreeContent } from './foreign-tree.ts';

export type Scenario = {
  readonly client: ForeignClient;
  readonly createGround: () => Ground | Promise<Ground>;
};

/** What every BitTorrent client has to be able to do with a swarm of ours. */
export function testForeignClient(scenario: Scenario): void {
  const { client } = scenario;
  const { name } = client;

  test(`${name} downloads a tree, and then is the only seed of an agent`, async (t) => {
    const swarm = await startSwarm(t, scenario);
    const downloaded = await swarm.download(client, await swarm.saveTorrent());
    t.deepEqual(await readForeignTree(downloaded), expectedOf(client, swarm.content));

    const agent = await swarm.startAgent();
    await agent.waitUntil(({ peers, pieceCount }) =>
      peers.some((peer) => !peer.frontend && peer.pieces === pieceCount),
    );
    await swarm.stopFrontend();
    t.deepEqual(await agent.install(), swarm.content);
    const { counters } = await agent.status();
    t.like(counters, { receivedFromFrontendBytes: 0, receivedByHttpBytes: 0, badPieces: 0 });
    t.true(counters.receivedFromPeersBytes > 0);
  });

  test(`${name} downloads a tree from peers alone, an agent among them`, async (t) => {
    const swarm = await startSwarm(t, scenario);
    const agent = await swarm.startAgent();
    t.deepEqual(await agent.install(), swarm.content);
    const downloaded = await swarm.download(client, await swarm.saveTorrent({ webSeeds: [] }));
    t.deepEqual(await readForeignTree(downloaded), expectedOf(client, swarm.content));
    const { counters } = await agent.status();
    t.true(counters.sentBytes > 0);
    t.is(counters.badPieces, 0);
  });

  if (!client.usesWebSeeds) return;
  test(`${name} downloads a tree from the web seed alone`, async (t) => {
    const swarm = await startSwarm(t, scenario);
    const downloaded = await swarm.download(client, await swarm.saveTorrent({ trackers: [] }));
    t.deepEqual(await readForeignTree(downloaded), expectedOf(client, swarm.content));
  });
}

export async function startSwarm(
  t: ExecutionContext,
  { createGround }: Pick<Scenario, 'createGround'>,
): Promise<ForeignSwarm> {
  const ground = await createGround();
  t.teardown(() => ground.remove());
  const swarm = await ForeignSwarm.start(ground);
  t.teardown(() => swarm.close());
  return swarm;
}

function expectedOf(client: ForeignClient, content: TreeContent): TreeContent {
  const { [emptyFile]: empty = '', ...others } = content;
  return client.makesEmptyFiles ? { ...others, [emptyFile]: empty } : others;
}
