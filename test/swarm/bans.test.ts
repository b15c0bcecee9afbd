import { Socket } from 'node:net';
import test from 'ava';
import { Bans } from '../../src/swarm/bans.ts';

function connectionFrom(address: string, id: string) {
  const peerId = Buffer.from(id.padEnd(40, '0'), 'hex');
  const handshake = { infohash: '0'.repeat(40), peerId, fast: true, extended: true };
  return { socket: new Socket(), handshake, address, outgoing: false };
}

const idOf = (id: string) => id.padEnd(40, '0');

test('who lied is known by the address of the machine, whatever port or name it takes', (t) => {
  const bans = new Bans();
  bans.add({ address: '10.1.1.5:6881', id: idOf('aa') });
  t.true(bans.has(connectionFrom('10.1.1.5:50000', 'bb')));
  t.false(bans.has(connectionFrom('10.1.1.50:6881', 'aa')));
  bans.add({ address: '[fd00::5]:6881', id: idOf('aa') });
  t.true(bans.has(connectionFrom('[fd00::5]:1', 'cc')));
  t.false(bans.has(connectionFrom('[fd00::]:5', 'cc')));
});

test('on loopback, where a whole rack has few addresses, it is known by its id', (t) => {
  const bans = new Bans();
  bans.add({ address: '127.0.0.1:6881', id: idOf('aa') });
  bans.add({ address: '[::1]:6881', id: idOf('ab') });
  t.true(bans.has(connectionFrom('127.0.0.1:50000', 'aa')));
  t.true(bans.has(connectionFrom('[::1]:50000', 'ab')));
  t.false(bans.has(connectionFrom('127.0.0.1:6881', 'bb')));
});

test('the list of bans does not grow without end; the oldest goes', (t) => {
  const bans = new Bans();
  for (let host = 0; host < 3000; host += 1) {
    bans.add({ address: `10.1.${host >> 8}.${host & 255}:1`, id: idOf('aa') });
  }
  t.false(bans.has(connectionFrom('10.1.0.0:1', 'aa')));
  t.true(bans.has(connectionFrom(`10.1.${2999 >> 8}.${2999 & 255}:1`, 'aa')));
});
