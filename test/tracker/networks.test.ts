import test from 'ava';
import { createNetworkFilter } from '../../src/tracker/networks.ts';

test('addresses inside the networks pass, all others do not', (t) => {
  const isInside = createNetworkFilter(['10.1.0.0/16', 'fd00::/8', '192.168.7.9']);
  t.true(['10.1.0.1', '10.1.255.255', 'fd12::1', '192.168.7.9'].every(isInside));
  t.false(['10.2.0.1', '127.0.0.1', 'fe80::1', '::1', '192.168.7.10'].some(isInside));
});

test('without networks nobody passes', (t) => {
  const isInside = createNetworkFilter([]);
  t.false(['127.0.0.1', '::1', '10.0.0.1'].some(isInside));
});

test('a network that is none is refused by name', (t) => {
  const wrong = ['10.1.0.0/33', 'fd00::/129', '10.1/16', 'all', '', '10.1.0.0/', '10.1.0.0/8/8'];
  for (const network of [...wrong, '10.1.0.0/-1', '10.1.0.0/0x8']) {
    const error = t.throws(() => createNetworkFilter([network]), { code: 'bad-network' });
    t.true(error?.message.includes(`'${network}'`));
  }
});
