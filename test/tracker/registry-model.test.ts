import test from 'ava';
import fc from 'fast-check';
import { createTestRegistry, peersIn, reasonOf } from './registry-fixture.ts';
import { createCatalog, peerIdOf } from './tracker-fixture.ts';

const silenceMs = 50_000;
const limits = { peersPerSwarm: 6, peersPerAddress: 4, peers: 9, silenceMs };
const hashes = ['0a'.repeat(20), '0b'.repeat(20)];

const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 20_000 }),
  sweep: fc.boolean(),
  infohash: fc.constantFrom(...hashes),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
  port: fc.integer({ min: 1, max: 3 }),
  session: fc.integer({ min: 0, max: 1 }),
  leftBytes: fc.constantFrom(0, 5),
  event: fc.constantFrom('started', 'stopped', 'completed', 'paused', 'update'),
  wanted: fc.integer({ min: 0, max: 8 }),
});

type Known = { peerId: string; leftBytes: number; atMs: number };

test('after any announces the registry holds what a plain map of all peers would', (t) => {
  const catalog = createCatalog(hashes.map((infohash) => ({ infohash })));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const { registry, announce, clock } = createTestRegistry(limits, catalog);
      const model = new Map<string, Known>();
      for (const { afterMs, sweep, session, ...request } of steps) {
        clock.nowMs += afterMs;
        if (sweep) {
          registry.sweep();
          forgetSilent(model, clock.nowMs - silenceMs);
        }
        const endpoint = `${request.address}:${request.port}`;
        const key = `${request.infohash} ${endpoint}`;
        const peerId = peerIdOf(endpoint, session);
        const inSwarm = [...model.keys()].filter((each) => each.startsWith(request.infohash));
        const fromThere = inSwarm.filter((each) => each.includes(` ${request.address}:`));
        const full =
          inSwarm.length >= limits.peersPerSwarm ||
          fromThere.length >= limits.peersPerAddress ||
          model.size >= limits.peers;
        const refused = request.event !== 'stopped' && !model.has(key) && full;

        const outcome = announce({ ...request, peerId });
        t.is(reasonOf(outcome), refused ? 'too-many-peers' : undefined);
        if (refused) continue;
        if (request.event !== 'stopped') {
          model.set(key, { peerId, leftBytes: request.leftBytes, atMs: clock.nowMs });
        } else if (model.get(key)?.peerId === peerId) model.delete(key);

        const members = [...model].filter(([each]) => each.startsWith(request.infohash));
        const seeds = members.filter(([, known]) => known.leftBytes === 0);
        t.like(outcome, { seeds: seeds.length, leechers: members.length - seeds.length });
        const told = peersIn(outcome) ?? [];
        t.true(told.length <= request.wanted && !told.includes(endpoint));
        t.true(told.every((each) => model.has(`${request.infohash} ${each}`)));
      }
      t.is(
        [...registry.swarms.values()].reduce((sum, swarm) => sum + swarm.size, 0),
        model.size,
      );
      t.true([...registry.swarms.values()].every((swarm) => swarm.size > 0));
    }),
  );
});

function forgetSilent(model: Map<string, Known>, beforeMs: number): void {
  for (const [key, { atMs }] of model) if (atMs < beforeMs) model.delete(key);
}
