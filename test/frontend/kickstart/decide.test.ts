import test from 'ava';
import fc from 'fast-check';
import { decideKickstart, type KickstartRequest } from '../../../src/frontend/kickstart/decide.ts';
import {
  readArchitecture,
  readKickstartUrl,
  readProvisioningMacs,
} from '../../../src/frontend/kickstart/request.ts';
import { machine } from '../boot/fixture.ts';

const armed = machine({ name: 'a', macs: ['52:54:00:00:00:01'], bootState: 'install' });
const other = machine({ name: 'b', macs: ['52:54:00:00:00:02'], bootState: 'install' });
const nodes = new Map([armed, other].map((node) => [node.name, node]));

function decide(changes: Partial<KickstartRequest>) {
  return decideKickstart({
    asker: undefined,
    isCertain: true,
    address: '10.1.1.5',
    isOperator: false,
    macs: [],
    byName: (name) => nodes.get(name),
    ...changes,
  });
}

test('a node gets its own by its address, and by its token from anywhere', (t) => {
  t.deepEqual(decide({ asker: armed }), { kind: 'send', node: armed, isView: false });
  const holder = { kind: 'node', node: armed } as const;
  for (const asker of [undefined, other]) {
    t.deepEqual(decide({ holder, asker }), { kind: 'send', node: armed, isView: false });
  }
  t.like(decide({ holder: { kind: 'stale', node: armed }, asker: armed }), { status: 410 });
  t.like(decide({ holder: { kind: 'unknown' }, asker: armed }), { status: 403 });
  t.like(decide({}), { kind: 'refuse', status: 404 });
});

test('an address alone says who asks only where it is certain who is there', (t) => {
  const unsure = { asker: armed, isCertain: false };
  t.like(decide(unsure), { kind: 'refuse', status: 403 });
  const { reason } = decide(unsure) as { readonly reason: string };
  t.regex(reason, /that a is at 10\.1\.1\.5, .*inst\.ks\.sendmac.* token/);
  t.like(decide({ ...unsure, macs: armed.macs }), { kind: 'send', node: armed });
  t.like(decide({ ...unsure, macs: other.macs }), { kind: 'refuse', status: 403 });
  const holder = { kind: 'node', node: armed } as const;
  t.like(decide({ ...unsure, holder }), { kind: 'send', node: armed });
  t.like(decide({ ...unsure, client: 'b' }), { kind: 'refuse', status: 403 });
});

test('who is not to be installed is not, and an installer of another machine is refused', (t) => {
  for (const bootState of ['os', 'failed'] as const) {
    t.like(decide({ asker: { ...armed, bootState } }), { kind: 'refuse', status: 409 });
  }
  const macs = ['52:54:00:00:00:09', ...armed.macs];
  t.like(decide({ asker: armed, macs }), { kind: 'send' });
  t.like(decide({ asker: other, macs }), { kind: 'refuse', status: 403 });
  t.like(decide({ holder: { kind: 'node', node: other }, macs }), { kind: 'refuse', status: 403 });
});

test('a slow install that was given up gets the rest of its files, and nothing else', (t) => {
  const failed = { ...armed, bootState: 'failed' } as const;
  const holder = { kind: 'node', node: failed } as const;
  t.deepEqual(decide({ holder, isPart: true }), { kind: 'send', node: failed, isView: true });
  t.like(decide({ holder }), { kind: 'refuse', status: 409 });
  t.like(decide({ asker: failed, isPart: false }), { kind: 'refuse', status: 409 });
});

test('only operators look at another’s, and change nothing by it', (t) => {
  t.like(decide({ asker: armed, client: 'b' }), { kind: 'refuse', status: 403 });
  t.deepEqual(decide({ isOperator: true, client: 'b' }), {
    kind: 'send',
    node: other,
    isView: true,
  });
  t.like(decide({ isOperator: true, client: 'c' }), { kind: 'refuse', status: 404 });
  t.like(decide({ isOperator: true }), { kind: 'refuse', status: 400 });
});

test('whatever is asked, an install script goes to its node, or to an operator who names it', (t) => {
  const node = fc.constantFrom(armed, other, { ...armed, bootState: 'failed' as const });
  const holder = fc.oneof(
    node.map((each) => ({ kind: 'node' as const, node: each })),
    node.map((each) => ({ kind: 'stale' as const, node: each })),
    fc.constant({ kind: 'unknown' as const }),
  );
  const request = fc.record({
    holder: fc.option(holder, { nil: undefined }),
    client: fc.option(fc.constantFrom('a', 'b', 'c', ''), { nil: undefined }),
    asker: fc.option(node, { nil: undefined }),
    isCertain: fc.boolean(),
    isOperator: fc.boolean(),
    macs: fc.subarray([...armed.macs, ...other.macs]),
  });
  const property = fc.property(request, (asked) => {
    const decision = decide(asked);
    if (decision.kind === 'refuse') return decision.reason !== '';
    if (decision.isView) return asked.isOperator && decision.node.name === asked.client;
    const owner = asked.holder === undefined ? asked.asker : asked.holder;
    const isOwn =
      owner === decision.node ||
      (owner !== undefined && 'node' in owner && owner.node === decision.node);
    const isNamed =
      asked.macs.length === 0 || asked.macs.some((mac) => decision.node.macs.includes(mac));
    const isKnown = asked.holder !== undefined || asked.isCertain || asked.macs.length > 0;
    return isOwn && isNamed && isKnown && decision.node.bootState === 'install';
  });
  t.notThrows(() => fc.assert(property));
});

test('the forms of old are understood, and what an installer says of its cards', (t) => {
  const cgi = { kind: 'cgi', client: undefined, architecture: undefined } as const;
  for (const path of ['/install/sbin/kickstart.cgi', '//install/sbin//public/kickstart.cgi']) {
    t.deepEqual(readKickstartUrl(path), cgi);
    t.deepEqual(readKickstartUrl(`${path}?arch=x86_64&np=4`), { ...cgi, architecture: 'x86_64' });
  }
  t.like(readKickstartUrl('/install/sbin/kickstart.cgi?client=a%2Fb&arch=;'), {
    ...cgi,
    client: 'a/b',
  });
  t.deepEqual(readKickstartUrl('/kickstart/1-ab'), { kind: 'token', token: '1-ab', file: '' });
  t.like(readKickstartUrl('/kickstart/1-ab/late.sh?x'), { token: '1-ab', file: 'late.sh' });
  for (const path of ['/kickstart/', '/kickstart/1-ab/../x', '/install/sbin/other.cgi', '']) {
    t.is(readKickstartUrl(path), undefined);
  }
  const macs = readProvisioningMacs({
    'x-rhn-provisioning-mac-0': 'eth0 52:54:00:AA:00:01 e1000 ks',
    'x-rhn-provisioning-mac-1': 'eth1 nonsense',
    'x-rhn-provisioning-mac-x': 'eth2 52:54:00:aa:00:03',
  });
  t.deepEqual(macs, ['52:54:00:aa:00:01']);
  t.is(readArchitecture({ 'x-anaconda-architecture': 'x86_64' }), 'x86_64');
  t.is(readArchitecture({ 'x-anaconda-architecture': 'x86 64' }), undefined);
});
