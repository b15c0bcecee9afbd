import { once } from 'node:events';
import { get } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { serveTrees } from '../http/fixture.ts';
import { fillDisk, macOf } from '../nodes/fixture.ts';

const mac = macOf(1);
const cgi = '/install/sbin/kickstart.cgi';

/** This test's own address is leased to the node. */
function leaseAt(address: string): Lease | undefined {
  if (address !== '127.0.0.1') return undefined;
  return { address, holder: mac, mac, state: 'bound', untilMs: Number.MAX_SAFE_INTEGER };
}

/** A frontend with a node at this test's own address that is to be installed. */
async function arm(t: ExecutionContext, options: Parameters<typeof serveTrees>[2] = {}) {
  const served = await serveTrees(t, [], { leaseAt, ...options });
  const { url, nodes, installs } = served;
  nodes.store.add({ name: 'compute-0-0', macs: [mac] });
  nodes.store.add({ name: 'other', macs: [macOf(2)], role: 'compute' });
  nodes.store.boot(['compute-0-0'], 'install');
  const node = (name = 'compute-0-0') => nodes.store.byName(name) as MachineNode;
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${url}${path}`, { headers });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  };
  return { ...served, node, ask, token: installs.tokenOf(node()) };
}

test('a node gets its install script by its address and by its token, and is installing then', async (t) => {
  const { ask, node, nodes, token } = await arm(t);
  const byAddress = await ask(`/${cgi}?arch=x86_64&np=4`);
  t.is(byAddress.status, 200, byAddress.text);
  t.regex(byAddress.text, /compute-0-0/);
  t.true(byAddress.text.includes(token));
  t.is(byAddress.headers.get('x-avalanche-trackers'), '127.0.0.1');
  t.is(byAddress.headers.get('x-avalanche-pkg-servers'), '127.0.0.1');
  t.is(byAddress.headers.get('cache-control'), 'private, no-store');
  t.is((await ask(`/kickstart/${token}`)).text, (await ask(cgi)).text);
  t.is(node().bootState, 'installing');
  const late = await ask(`/kickstart/${token}/late.sh`);
  t.regex(late.text, /^#!\/bin\/sh/);
  t.is((await ask(`/kickstart/${token}/other.sh`)).status, 404);
  const story = nodes.events.read(['compute-0-0']).map(({ event, text }) => `${event} ${text}`);
  t.true(story.includes('kickstart sent'), story.join());
  t.true(story.includes('state install → installing'), story.join());
});

test('nobody gets another’s, and none is sent to who is not to be installed', async (t) => {
  const { ask, nodes, token } = await arm(t);
  const foreign = { 'x-rhn-provisioning-mac-0': `eth0 ${macOf(2)}` };
  t.is((await ask(cgi, foreign)).status, 403);
  t.is((await ask(`/kickstart/${token}`, foreign)).status, 403);
  t.is((await ask(cgi, { 'x-rhn-provisioning-mac-0': `eth0 ${mac} ks` })).status, 200);
  nodes.store.boot(['compute-0-0'], 'os');
  const refused = await ask(cgi);
  t.is(refused.status, 409);
  t.regex(refused.text, /'scree node boot compute-0-0 install'/);
  t.is((await ask(`/kickstart/${token}`)).status, 409);
  t.is((await ask(`/kickstart/1-${'0'.repeat(32)}`)).status, 403);
});

test('a machine at another’s address gets nothing of the other’s', async (t) => {
  // The node's own address, in the database; it is off, and what answers there is not it.
  const squatter = macOf(9);
  const asked = async (options: Parameters<typeof serveTrees>[2]) => {
    const { url, nodes, installs } = await serveTrees(t, [], options);
    nodes.store.add({ name: 'victim', macs: [mac], address: '10.1.1.5' });
    nodes.store.add({ name: 'other', macs: [macOf(2)] });
    const [armed] = nodes.store.boot(['victim'], 'install');
    const ask = async (path: string, headers = {}) => {
      const reply = await fetch(`${url}${path}`, { headers });
      return { status: reply.status, text: await reply.text() };
    };
    return { nodes, ask, token: installs.tokenOf(armed as MachineNode) };
  };
  const client = '10.1.1.5';
  const networks = ['10.1.0.0/16'];
  const named = { 'x-rhn-provisioning-mac-0': `eth0 ${mac} ks` };
  // Nothing but the database says that it is the victim's.
  const unsure = await asked({ client, networks });
  t.regex((await unsure.ask(cgi)).text, /^expected a lease or the wire to tell that victim is at/);
  t.is((await unsure.ask(cgi)).status, 403);
  t.is((await unsure.ask(cgi, { 'x-forwarded-for': '127.0.0.1' })).status, 403);
  t.is((await unsure.ask(`${cgi}?client=victim`)).status, 403);
  t.is(unsure.nodes.store.byName('victim')?.bootState, 'install');
  t.is((await unsure.ask(cgi, named)).status, 200);
  // The wire says that it is a stranger, or another node.
  const strange = await asked({ client, networks, macOnWire: () => squatter });
  t.is((await strange.ask(cgi, named)).status, 404);
  const foreign = await asked({ client, networks, macOnWire: () => macOf(2) });
  t.is((await foreign.ask(cgi)).status, 409);
  t.is((await foreign.ask(cgi, named)).status, 403);
  const story = foreign.nodes.events.read(['other']).map(({ text }) => text);
  t.deepEqual(story, ['refused', 'refused']);
  // The wire says that it is the victim, or the victim has its token.
  const itself = await asked({ client, networks, macOnWire: () => mac });
  t.is((await itself.ask(cgi)).status, 200);
  t.is((await strange.ask(`/kickstart/${strange.token}`)).status, 200);
});

test('an operator looks at any, and nothing is changed by it', async (t) => {
  const { ask, node } = await arm(t);
  const { status, text } = await ask(`${cgi}?client=other`);
  t.is(status, 200, text);
  t.regex(text, /other/);
  t.is(node('other').bootState, 'os');
  t.is((await ask(`${cgi}?client=nobody`)).status, 404);
});

test('what a profile lacks is told with file and attribute, and nothing half is sent', async (t) => {
  const { ask, node, nodes } = await arm(t);
  const scope = { kind: 'node', target: 'compute-0-0' } as const;
  nodes.attributes.change([{ scope, name: 'profile', value: 'nowhere' }]);
  const { status, text } = await ask(cgi);
  t.is(status, 500);
  t.regex(text, /nowhere/);
  t.is(node().bootState, 'install');
});

test('an install that cannot be written down is not begun, and may be asked for again', async (t) => {
  const database = join(await temporaryFolder(t), 'scree.db');
  const { ask, node, token } = await arm(t, { database });
  const makeRoom = fillDisk(t, database);
  for (const path of [cgi, `/kickstart/${token}`, `/kickstart/${token}/late.sh`]) {
    const refused = await ask(path);
    t.is(refused.status, 503, path);
    t.is(refused.headers.get('retry-after'), '15');
    t.regex(refused.text, /the install of compute-0-0 cannot be written down: .*disk is full/);
    t.false(refused.text.includes(token));
  }
  t.is(node().bootState, 'install');
  makeRoom();
  t.is((await ask(cgi)).status, 200);
  t.is(node().bootState, 'installing');
  // What has begun goes on.
  fillDisk(t, database);
  t.is((await ask(`/kickstart/${token}/late.sh`)).status, 200);
  t.is((await ask(cgi)).status, 200);
});

test('to look at it by HEAD begins no install', async (t) => {
  const { url, node } = await arm(t);
  t.is((await fetch(`${url}${cgi}`, { method: 'HEAD' })).status, 200);
  t.is(node().bootState, 'install');
});

test('a thousand at once are all served, and a thousand that leave take no place with them', async (t) => {
  const { url, port } = await arm(t);
  // `fetch` gives up when a connection takes longer than ten seconds.
  const statusOf = async () => {
    const [reply] = await once(get(`${url}${cgi}`, { agent: false }), 'response');
    reply.resume();
    await once(reply, 'end');
    return reply.statusCode;
  };
  const leaving = Array.from({ length: 1000 }, async (_, index) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(`GET ${cgi} HTTP/1.1\r\nHost: x\r\n\r\n`);
    // Some before it is their turn, some in the middle of the answer.
    await delay(index % 20);
    socket.destroy();
  });
  await Promise.all(leaving);
  const replies = await Promise.all(Array.from({ length: 1000 }, statusOf));
  t.deepEqual(new Set(replies), new Set([200]));
});
