import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { serveTrees } from '../http/fixture.ts';
import { fillDisk, macOf } from '../nodes/fixture.ts';

type Options = Parameters<typeof serveTrees>[2];

const mac = macOf(1);

/** This test's own address is leased to the node. */
function leaseAt(address: string): Lease | undefined {
  if (address !== '127.0.0.1') return undefined;
  const untilMs = Number.MAX_SAFE_INTEGER;
  return { address, holder: mac, mac, state: 'bound', untilMs };
}

/** A frontend with a node at this test's own address that is to be installed. */
async function arm(t: ExecutionContext, options: Options = {}) {
  const { url, nodes, installs } = await serveTrees(t, [], { leaseAt, ...options });
  nodes.store.add({ name: 'a', macs: [mac] });
  const [armed] = nodes.store.boot(['a'], 'install');
  const node = () => nodes.store.byName('a') as MachineNode;
  const say = async (path: string, body?: string) => {
    const reply = await fetch(`${url}${path}`, body === undefined ? {} : { method: 'POST', body });
    return { status: reply.status, text: await reply.text() };
  };
  return { say, node, nodes, installs, token: installs.tokenOf(armed as MachineNode) };
}

test('success brings a machine back to its disk, whether it is said once or twice', async (t) => {
  const { say, node, nodes, token } = await arm(t);
  t.deepEqual(await say(`/installs/${token}/success`), { status: 200, text: 'a: os\n' });
  t.like(node(), { bootState: 'os', bootAction: 'os' });
  const log = Array.from({ length: 300 }, (_, at) => `line ${at}`).join('\n');
  t.deepEqual(await say(`/installs/${token}/success`, log), { status: 200, text: 'a: os\n' });
  // Whoever says it once more has no log of it.
  t.deepEqual(await say(`/installs/${token}/success`, ''), { status: 200, text: 'a: os\n' });
  const kept = nodes.logs.read(node()).split('\n');
  t.deepEqual([kept.length, kept[0], kept.at(-1)], [200, 'line 100', 'line 299']);
});

test('failure is kept with its reason and the end of the log, and nothing loops', async (t) => {
  const { say, node, nodes, token } = await arm(t);
  const log = ['no disk found', ...Array.from({ length: 300 }, (_, at) => `line ${at}\u001b[2J`)];
  t.deepEqual(await say(`/installs/${token}/failure`, log.join('\n')), {
    status: 200,
    text: 'a: failed\n',
  });
  t.like(node(), { bootState: 'failed', bootReason: 'no disk found' });
  const kept = nodes.logs.read(node()).split('\n');
  t.is(kept.length, 200);
  t.is(kept.at(-1), 'line 299·[2J');
  t.is((await say(`/installs/${token}/failure?reason=other`)).status, 200);
  t.is(node().bootReason, 'no disk found');
  const story = nodes.events.read(['a']).map(({ event, text, reason }) => [event, text, reason]);
  t.deepEqual(story, [
    ['order', 'boot install next (os → install)', undefined],
    ['state', 'install → failed', 'no disk found'],
  ]);
});

test('of a log that is too long the end is kept, and the reason that it begins with', async (t) => {
  const { say, node, nodes, token } = await arm(t);
  const lines = Array.from({ length: 30_000 }, (_, at) => `line ${at} ${'x'.repeat(90)}`);
  const log = ['no disk found', ...lines, 'the end'].join('\n');
  t.is((await say(`/installs/${token}/failure`, log)).status, 200);
  t.like(node(), { bootState: 'failed', bootReason: 'no disk found' });
  const kept = nodes.logs.read(node()).split('\n');
  t.is(kept.at(-1), 'the end');
  t.true(kept.length > 100);
  t.true(
    kept.slice(0, -1).every((line) => /^line \d+ x{90}$/.test(line)),
    kept[0],
  );
});

test('another’s token, an earlier one and none at all change nothing', async (t) => {
  const { say, node, nodes, installs, token } = await arm(t);
  nodes.store.happen('a', { kind: 'boot-file' });
  nodes.store.boot(['a'], 'install');
  const before = node();
  t.is((await say(`/installs/${token}/success`)).status, 410);
  t.is((await say(`/installs/1-${'0'.repeat(32)}/success`)).status, 403);
  t.is((await say('/installs/x/failure', 'x')).status, 403);
  const cgi = '/install/sbin/public/setPxeboot.cgi';
  for (const query of ['', '?action=os', '?params={"action":"os"}', `?token=${token}`]) {
    t.true([403, 410].includes((await say(`${cgi}${query}`)).status), query);
  }
  t.is(node(), before);
  t.is((await say(`/installs/${installs.tokenOf(before)}/success`)).status, 200);
});

test('the end-of-install call of old works in both forms with a token', async (t) => {
  const cgi = '/install/sbin/public/setPxeboot.cgi';
  for (const query of ['?', '?action=os&', `?params=${encodeURIComponent('{"action":"os"}')}&`]) {
    const { say, node, token } = await arm(t);
    t.is((await say(`${cgi}${query}token=${token}`)).status, 200, query);
    t.is(node().bootState, 'os');
  }
  const { say, node, token } = await arm(t);
  t.is((await say(`${cgi}?action=run&token=${token}`)).status, 400);
  t.is((await say(`${cgi}?params=[]&token=${token}`)).status, 400);
  await say(`${cgi}?token=${token}`);
  t.is(node().bootState, 'os');
});

test('where addresses are trusted, the call of old needs no token', async (t) => {
  const { say, node } = await arm(t, { trustsAddress: true });
  t.is((await say('/install/sbin/public/setPxeboot.cgi?action=os')).text, 'a: os\n');
  t.is(node().bootState, 'os');
});

const again = '/install/sbin/public/setPxeboot.cgi?action=install';

test('no token begins an install, whatever becomes of its own', async (t) => {
  for (const trustsAddress of [false, true]) {
    const { say, node, nodes, token } = await arm(t, { trustsAddress, leaseAt: () => undefined });
    for (const state of ['install', 'booting', 'installing', 'failed', 'os'] as const) {
      if (state === 'booting') nodes.store.happen('a', { kind: 'boot-file' });
      if (state === 'installing') nodes.store.happen('a', { kind: 'kickstart' });
      if (state === 'failed') nodes.store.happen('a', { kind: 'failure' });
      if (state === 'os') nodes.store.happen('a', { kind: 'success' });
      const before = node();
      t.is(before.bootState, state);
      const { status, text } = await say(`${again}&token=${token}`);
      t.is(status, 403);
      t.regex(text, /'scree node boot NAME install'/);
      t.is((await say(again)).status, 403);
      t.is(node(), before);
    }
  }
});

test('a machine that boots its disk is installed anew where that is allowed, and it is told who asked', async (t) => {
  const { say, node, nodes } = await arm(t, { trustsAddress: true });
  nodes.store.boot(['a'], 'os');
  const before = node().installNumber;
  t.deepEqual(await say(again), { status: 200, text: 'a: install\n' });
  t.like(node(), { bootState: 'install', bootAction: 'install', installNumber: before + 1 });
  // Asked twice, it is one.
  t.is((await say(again, '')).text, 'a: install\n');
  t.is(node().installNumber, before + 1);
  const story = nodes.events.read(['a']).map(({ text, reason }) => [text, reason]);
  t.deepEqual(story.slice(2), [['os → install', 'it asked for it itself, from 127.0.0.1']]);
  const [entry] = nodes.audit.read({ limit: 9 });
  t.like(entry, { who: 'node:a', address: '127.0.0.1', action: 'node boot', targets: ['a'] });
  // What is on its way, or has failed, is the operator's.
  for (const kind of ['boot-file', 'kickstart', 'failure'] as const) {
    nodes.store.happen('a', { kind });
    const now = node();
    const { status, text } = await say(again);
    t.is(status, 409, kind);
    t.true(text.includes(`its boot state is ${now.bootState}`));
    t.is(node(), now);
  }
});

test('an address that only the database knows wipes no disk', async (t) => {
  const options = { trustsAddress: true, client: '10.1.1.5', networks: ['10.1.0.0/16'] };
  for (const [wire, status] of [
    [undefined, 403],
    [macOf(9), 403],
    [mac, 200],
  ] as const) {
    const macOnWire = () => wire;
    const { say, node, nodes } = await arm(t, { ...options, leaseAt: () => undefined, macOnWire });
    nodes.store.boot(['a'], 'os');
    nodes.store.set('a', { address: '10.1.1.5' });
    t.is((await say(again)).status, status, wire);
    t.is(node().bootState, status === 200 ? 'install' : 'os');
  }
});

test('an end that cannot be written down is to be said again', async (t) => {
  const database = join(await temporaryFolder(t), 'scree.db');
  const { say, node, token } = await arm(t, { database, trustsAddress: true });
  const makeRoom = fillDisk(t, database);
  const cgi = '/install/sbin/public/setPxeboot.cgi';
  for (const path of [`/installs/${token}/success`, `/installs/${token}/failure`, cgi]) {
    const { status, text } = await say(path);
    t.is(status, 503, path);
    t.regex(text, /disk is full/);
  }
  t.is(node().bootState, 'install');
  makeRoom();
  t.is((await say(`/installs/${token}/success`)).text, 'a: os\n');
});
