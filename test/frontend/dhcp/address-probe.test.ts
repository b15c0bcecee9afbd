import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createAddressProbe } from '../../../src/frontend/dhcp/address-probe.ts';
import { encodeArpRequest } from '../../../src/protocol/arp.ts';
import { formatAddress } from '../../../src/protocol/dhcp/address.ts';
import type { ArpSocket } from '../../../src/runtime/arp-socket.ts';

const own = { address: '10.1.1.1', mac: '52:54:00:00:00:aa' };
const asker = '52:54:00:00:00:01';
const other = '52:54:00:00:00:02';
const wanted = '10.1.200.7';

/** A wire on which machines answer for their addresses; what was asked is kept. */
function createWire(users: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const waiting: Buffer[] = [];
  const say = (address: string, mac: string): void => {
    waiting.push(encodeArpRequest({ address, mac }, own.address));
  };
  const wire = { users: { ...users }, isClosed: false };
  const arp: ArpSocket = {
    broadcast: (packet) => {
      const target = formatAddress(packet.readUInt32BE(24));
      asked.push(target);
      const user = wire.users[target];
      if (user !== undefined) say(target, user);
    },
    receive: () => waiting.shift(),
    close: () => {
      wire.isClosed = true;
    },
  };
  return { arp, asked, say, waiting, wire };
}

type Options = {
  readonly waitMs?: number;
  readonly questionsLimit?: number;
  readonly ownAddresses?: ReadonlySet<string>;
};

function setUp(t: ExecutionContext, arp: ArpSocket, options: Options = {}) {
  const troubles: string[] = [];
  const clock = { ms: 0 };
  const probe = createAddressProbe(
    // However late a turn comes, it finds that so much time has gone by.
    { arp, onTrouble: (text) => troubles.push(text), clockMs: () => (clock.ms += 5) },
    { own, waitMs: 40, ...options },
  );
  t.teardown(probe.close);
  return { probe, troubles };
}

test('another machine that answers is named', async (t) => {
  const { arp } = createWire({ [wanted]: other });
  const { probe } = setUp(t, arp, { waitMs: 60_000 });
  t.is(await probe.userOf({ address: wanted, macs: [asker] }), other);
});

test('nobody’s address is nobody’s after the wait, and it was asked for twice', async (t) => {
  const { arp, asked } = createWire();
  const { probe } = setUp(t, arp);
  t.is(await probe.userOf({ address: wanted, macs: [asker] }), undefined);
  t.deepEqual(asked, [wanted, wanted]);
  t.false(probe.isAsking(wanted));
});

test('the machine that is to have the address may answer, by any of its interfaces', async (t) => {
  const { arp, say } = createWire({ [wanted]: asker });
  const { probe } = setUp(t, arp);
  const answer = probe.userOf({ address: wanted, macs: [other, asker] });
  say(wanted, other);
  t.is(await answer, undefined);
});

test('an address that the frontend itself has is in use, and nobody is asked', async (t) => {
  const { arp, asked } = createWire();
  const { probe } = setUp(t, arp, { ownAddresses: new Set([wanted]) });
  t.is(await probe.userOf({ address: wanted, macs: [asker] }), own.mac);
  t.deepEqual(asked, []);
});

test('what lay there before the question does not count', async (t) => {
  const { arp, say } = createWire();
  const { probe } = setUp(t, arp);
  say(wanted, other);
  t.is(await probe.userOf({ address: wanted, macs: [asker] }), undefined);
});

test('answers for other addresses, and bytes that are none, change nothing', async (t) => {
  const { arp, say, waiting } = createWire();
  const { probe } = setUp(t, arp);
  const answer = probe.userOf({ address: wanted, macs: [asker] });
  say('10.1.200.8', other);
  waiting.push(Buffer.alloc(0), Buffer.from('no ARP at all, of 28 bytes and more'));
  say('0.0.0.0', other);
  t.is(await answer, undefined);
});

test('who asks again for the same address joins in', async (t) => {
  const { arp, asked, say } = createWire();
  const { probe } = setUp(t, arp, { waitMs: 60_000 });
  const both = [1, 2].map(() => probe.userOf({ address: wanted, macs: [asker] }));
  t.true(probe.isAsking(wanted));
  say(wanted, other);
  t.deepEqual(await Promise.all(both), [other, other]);
  t.deepEqual(asked, [wanted]);
});

test('more than the limit at once are not asked about, and the others go on', async (t) => {
  const { arp, asked } = createWire();
  const { probe, troubles } = setUp(t, arp, { questionsLimit: 3 });
  const all = [1, 2, 3, 4, 5].map((at) =>
    probe.userOf({ address: `10.1.200.${at}`, macs: [asker] }),
  );
  t.is(await all[4], undefined);
  t.true(probe.isAsking('10.1.200.1'), 'the fifth did not wait');
  t.deepEqual(asked, ['10.1.200.1', '10.1.200.2', '10.1.200.3']);
  t.is(troubles.length, 2);
  t.deepEqual(
    await Promise.all(all),
    all.map(() => undefined),
  );
});

test('a wire that fails lets addresses be given away, and says so', async (t) => {
  const wire = createWire();
  const fails = (): never => {
    throw new Error('the network is down');
  };
  const { probe, troubles } = setUp(t, { ...wire.arp, broadcast: fails });
  t.is(await probe.userOf({ address: wanted, macs: [asker] }), undefined);
  t.regex(troubles.join(), /the network is down/);

  const later = { isDown: false };
  const arp = { ...wire.arp, receive: () => (later.isDown ? fails() : undefined) };
  const second = setUp(t, arp, { waitMs: 60_000 });
  const answer = second.probe.userOf({ address: wanted, macs: [asker] });
  later.isDown = true;
  t.is(await answer, undefined);
});

test('closing answers what is open, and ends the socket', async (t) => {
  const { arp, wire, asked } = createWire();
  const { probe } = setUp(t, arp, { waitMs: 60_000 });
  const answer = probe.userOf({ address: wanted, macs: [asker] });
  probe.close();
  t.is(await answer, undefined);
  t.true(wire.isClosed);
  await delay(30);
  t.is(asked.length, 1);
});
