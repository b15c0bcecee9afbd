import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { encodeBitfield } from '../../src/protocol/peer-wire/messages.ts';
import { callAsPeer, claimToBeOurs, until } from '../support/raw-peer.ts';
import { createSwarmRack, frontendAddress, randomTorrent } from '../support/swarm-rack.ts';

const pieceCount = 20;
const { metainfo, source } = randomTorrent(pieceCount * 65_536);

test('a slow agent that comes when all is out is shown nothing before it has said who it is', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const at = { host: frontendAddress, port: rack.frontend?.host.port ?? 0 };
  const { infohash } = metainfo;
  const shownTo = (peer: ReturnType<typeof callAsPeer>) =>
    peer.messages.filter(({ type }) => type === 'have').length;

  const whole = callAsPeer(t, at, { infohash, from: '127.0.3.1' });
  claimToBeOurs(whole, false);
  whole.send(encodeBitfield(Buffer.from([0xff, 0xff, 0xf0])));
  const stranger = callAsPeer(t, at, { infohash, from: '127.0.3.2' });
  const slow = callAsPeer(t, at, { infohash, from: '127.0.3.3' });
  await until('both are there', () => rack.seed?.status().peers.length === 3);
  await delay(500);
  t.is(shownTo(slow), 0);
  claimToBeOurs(slow, false);
  // Who never says so is a stranger after two seconds.
  await until('a stranger is shown all', () => shownTo(stranger) === pieceCount);
  t.is(shownTo(slow), 0);
  t.is(slow.messages.filter((each) => each.type === 'extended' && each.id !== 0).length, 0);
});
