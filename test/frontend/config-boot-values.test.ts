import test from 'ava';
import {
  readAddresses,
  readDomain,
  readInterface,
  readListenOrOff,
  readMode,
  readRange,
  readUnknownPolicy,
} from '../../src/frontend/config-boot-values.ts';

const nothing = [undefined, null, {}, [], 0, 7, true, '', ' '];

test('a mode is one of three; off may be what YAML 1.1 makes of it', (t) => {
  t.deepEqual(['server', 'proxy', 'off', false].map(readMode), ['server', 'proxy', 'off', 'off']);
  for (const value of [...nothing, 'Server', 'on']) t.is(readMode(value), undefined, `${value}`);
});

test('a listening place is an address, a port, or off', (t) => {
  t.deepEqual(['off', false].map(readListenOrOff), ['off', 'off']);
  t.deepEqual(readListenOrOff(':69'), { host: '0.0.0.0', port: 69 });
  t.deepEqual(readListenOrOff('10.1.1.1:69'), { host: '10.1.1.1', port: 69 });
  for (const value of ['on', 'off ', ':65536', true, null, {}]) {
    t.is(readListenOrOff(value), undefined, `${value}`);
  }
});

test('unknown machines get nothing, an address, or are discovered', (t) => {
  const words = ['ignore', 'address', 'discover'];
  t.deepEqual(words.map(readUnknownPolicy), ['ignore', 'address', 'discover']);
  for (const value of [...nothing, 'off', false]) t.is(readUnknownPolicy(value), undefined);
});

test('a range is two addresses with a dash between, or none', (t) => {
  t.is(readRange('none'), 'none');
  const range = { first: '10.1.200.1', last: '10.1.250.254' };
  t.deepEqual(readRange('10.1.200.1-10.1.250.254'), range);
  t.deepEqual(readRange(' 10.1.200.1 - 10.1.250.254 '), range);
  const wrong = ['10.1.200.1', '10.1.200.1-', '-10.1.200.1', '10.1.200.1-9', '10.1.0.1-10.1.0.256'];
  const tooMany = '10.1.0.1-10.1.0.2-10.1.0.3';
  for (const value of [...nothing, ...wrong, tooMany, 'fd00::1-fd00::2']) {
    t.is(readRange(value), undefined, `${value}`);
  }
});

test('addresses are one, a list of them, or an empty list', (t) => {
  t.deepEqual(readAddresses('10.1.1.1'), ['10.1.1.1']);
  t.deepEqual(readAddresses(['10.1.1.1', '10.1.1.2']), ['10.1.1.1', '10.1.1.2']);
  t.deepEqual(readAddresses([]), []);
  for (const value of ['', 'router', '10.1.1', '10.1.1.1/16', '10.1.1.1 ', 'fd00::1', 1, null]) {
    t.is(readAddresses(value), undefined, `${value}`);
    t.is(readAddresses(['10.1.1.1', value]), undefined, `[…, ${value}]`);
  }
});

test('a domain has nothing in it that another file could take for more than a name', (t) => {
  for (const name of ['', 'local', 'Cluster-1.example.org', 'a'.repeat(253)]) {
    t.is(readDomain(name), name);
  }
  for (const value of ['a b', 'a\nb', 'a"', 'a;', 'ä', 'a_b', 'a'.repeat(254), 1, null, []]) {
    t.is(readDomain(value), undefined, `${value}`);
  }
});

test('an interface is named as Linux does', (t) => {
  for (const name of ['', 'eth1', 'enp0s31f6', 'br-lan.100', 'a'.repeat(15)]) {
    t.is(readInterface(name), name);
  }
  for (const value of ['a'.repeat(16), 'a b', 'a/b', 'eth1\n', 1, null, []]) {
    t.is(readInterface(value), undefined, `${value}`);
  }
});
