import test from 'ava';
import type { FoundTree } from '../../src/installer-agent/found-tree.ts';
import { defaultLimits } from '../../src/installer-agent/limits.ts';
import {
  type Asked,
  decideAsked,
  decideRoute,
  type Route,
} from '../../src/installer-agent/route.ts';
import { createTree } from '../../src/installer-agent/tree.ts';
import { createTreeIndex } from '../../src/protocol/tree-index.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';

const frontend = new URL('http://10.1.1.1');
const small = makeSmallTree({
  keys: makeKeys(),
  name: 'lab',
  generation: 3,
  files: { 'a/g++ 1.deb': 'x', 'ä.txt': 'y' },
  links: [{ path: 'latest', target: 'a' }],
});
const tree = createTree({
  facts: {
    name: small.name,
    generation: small.generation,
    metainfo: small.metainfo,
    index: createTreeIndex(small.manifest),
    fallback: { fetch: async () => undefined },
  },
  openSwarm: () => Promise.reject(new Error('not needed')),
  openOrder: () => ({ begin: () => () => {}, close: () => {} }),
  limits: defaultLimits,
  log: silentLog,
});

test('only the socket address decides who may ask', (t) => {
  for (const remoteAddress of ['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1']) {
    t.is(ask('/install/lab/x', { remoteAddress }).kind, 'tree', remoteAddress);
  }
  for (const remoteAddress of ['10.1.1.1', '::ffff:10.0.0.1', 'fe80::1%eth0', '', undefined]) {
    const asked = ask('/agent/status', { remoteAddress });
    t.is(asked.kind === 'refuse' && asked.status, 403, String(remoteAddress));
  }
});

test('absolute form is for the frontend and for this machine only', (t) => {
  const accepted = [
    'http://10.1.1.1/install/lab/x',
    'HTTP://10.1.1.1:80/install/lab/x',
    'http://127.0.0.1/install/lab/x',
    'http://localhost:8080/install/lab/x',
    'http://[::1]/install/lab/x',
  ];
  for (const url of accepted) {
    const asked = ask(url);
    t.is(asked.kind === 'tree' && asked.target, '/install/lab/x', url);
  }
  const refused = [
    'http://10.1.1.2/install/lab/x',
    'http://10.1.1.1:81/install/lab/x',
    'http://localhost:9/install/lab/x',
    'http://10.1.1.1@evil.test/install/lab/x',
    'http://user@10.1.1.1/install/lab/x',
    'https://10.1.1.1/install/lab/x',
    'ftp://10.1.1.1/install/lab/x',
    'http:///install/lab/x',
  ];
  for (const url of refused) {
    const asked = ask(url);
    t.is(asked.kind === 'refuse' && asked.status, 403, url);
  }
});

test('an absolute URL without a path asks for the root', (t) => {
  t.deepEqual(ask('http://10.1.1.1'), { kind: 'frontend', target: '/' });
  t.deepEqual(ask('http://10.1.1.1?x'), { kind: 'frontend', target: '/?x' });
});

test('a file is found however its path is written', (t) => {
  const urls = [
    '/install/lab/a/g++%201.deb',
    '/install/lab/a/g%2b%2B%201.deb?x=1',
    '//install//lab//a/g++%201.deb',
    '/install/lab@3/a/g++%201.deb',
    '/install/lab/latest/g++%201.deb',
    'http://10.1.1.1/install/lab/a/g++%201.deb',
  ];
  for (const url of urls) t.is(routeOf(url).kind, 'swarm', url);
  t.is(routeOf('/install/lab/%C3%A4.txt').kind, 'swarm');
  t.is(routeOf(Buffer.from('/install/lab/ä.txt').toString('latin1')).kind, 'swarm');
});

test('what is not below a tree goes to the frontend as it is', (t) => {
  const urls = [
    '/',
    '*',
    '/install/',
    '/install/lab',
    '/install/lab/',
    '/install/lab.torrent',
    '/install/lab@3.manifest.json',
    '/install/trees.json',
    '/install/sbin/kickstart.cgi?arch=x86_64&np=4',
    '//install/sbin/kickstart.cgi?arch=x86_64',
    '/install/lab/../etc/passwd',
    '/install/lab/%2e%2e/etc/passwd',
    '/install/lab/%ff',
    '/agents',
    '/boot/x',
  ];
  for (const url of urls) t.deepEqual(ask(url), { kind: 'frontend', target: url }, url);
});

test('only GET and HEAD are answered from a tree', (t) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    t.is(ask('/install/lab/a', { method }).kind, 'frontend', method);
  }
  t.is(ask('/install/lab/a', { method: 'HEAD' }).kind, 'tree');
});

test('a path that the tree does not have is asked of the same generation', (t) => {
  t.deepEqual(routeOf('//install/lab/no/such%2bfile?q=/a'), {
    kind: 'frontend',
    target: '//install/lab@3/no/such%2bfile?q=/a',
    absentFrom: 'lab@3',
  });
  t.deepEqual(routeOf('/install/lab@3/none'), {
    kind: 'frontend',
    target: '/install/lab@3/none',
    absentFrom: 'lab@3',
  });
});

test('another generation than the one that is held comes from the frontend', (t) => {
  const target = '/install/lab@2/a/g++%201.deb';
  t.deepEqual(routeOf(target), { kind: 'frontend', target });
});

test('a refused tree is not passed on, one that is not there is', (t) => {
  const asked = ask('/install/lab/x');
  if (asked.kind !== 'tree') return t.fail();
  const refused = decideRoute(asked, { kind: 'refused', reason: 'bad signature' });
  t.is(refused.kind === 'refuse' && refused.status, 502);
  const unreachable = decideRoute(asked, { kind: 'unreachable', reason: 'away' });
  t.is(unreachable.kind === 'refuse' && unreachable.status, 504);
  const onward = { kind: 'frontend', target: '/install/lab/x' } as const;
  t.deepEqual(decideRoute(asked, { kind: 'absent' }), onward);
  t.deepEqual(decideRoute(asked, { kind: 'unavailable', reason: 'no torrent' }), onward);
});

test('with a key, what is below a tree is verified or not handed out at all', (t) => {
  const strictly = (url: string, found: FoundTree): Route => {
    const asked = ask(url);
    return asked.kind === 'tree' ? decideRoute(asked, found, { strict: true }) : asked;
  };
  const statusOf = (route: Route) => (route.kind === 'refuse' ? route.status : route.kind);
  const ready = { kind: 'ready', tree } as const;
  t.is(statusOf(strictly('/install/lab/%C3%A4.txt', ready)), 'swarm');
  t.is(statusOf(strictly('/install/lab/none', ready)), 404);
  t.is(statusOf(strictly('/install/lab@2/a/g++%201.deb', ready)), 404);
  t.is(statusOf(strictly('/install/lab/x', { kind: 'absent' })), 404);
  t.is(statusOf(strictly('/install/lab/x', { kind: 'unavailable', reason: 'cut' })), 503);
  t.is(statusOf(strictly('/install/lab/x', { kind: 'refused', reason: 'forged' })), 502);
  // Made for the machine itself: nobody could have signed it before.
  const kickstart = '/install/sbin/kickstart.cgi';
  t.is(statusOf(strictly(kickstart, { kind: 'absent' })), 'frontend');
});

test('what is below /agent/ is the agent’s own, and never goes any further', (t) => {
  for (const target of ['/agent', '/agent/', '/agent/other', '/agent/end?outcome=success']) {
    t.deepEqual(ask(target), { kind: 'control', target });
  }
  t.is(ask('/agent/phase?name=post', { remoteAddress: '10.1.1.7' }).kind, 'refuse');
});

test('the agent has two pages of its own', (t) => {
  t.deepEqual(ask('/agent/status'), { kind: 'agent', page: 'status' });
  t.deepEqual(ask('/agent/healthz?x'), { kind: 'agent', page: 'healthz' });
});

function ask(
  url: string,
  change: { method?: string; remoteAddress?: string | undefined } = {},
): Asked {
  const facts = { url, method: 'GET', remoteAddress: '127.0.0.1', localPort: 8080, ...change };
  return decideAsked(facts, frontend);
}

function routeOf(url: string): Route {
  const asked = ask(url);
  if (asked.kind !== 'tree') return asked;
  return decideRoute(asked, { kind: 'ready', tree });
}
