import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { ask } from './client.ts';
import { serveTrees } from './fixture.ts';

const node = { name: 'compute-0-1', macs: ['52-54-00-00-00-01'], address: '10.1.1.1' };

async function serve(t: ExecutionContext) {
  const { port, nodes } = await serveTrees(t, []);
  const call = async (method: string, path: string, value?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const body = value === undefined ? {} : { headers, body: JSON.stringify(value) };
    const reply = await ask(port, `/api/v1/nodes${path}`, { method, ...body });
    return { status: reply.status, ...JSON.parse(String(reply.body)) };
  };
  return { port, nodes, call };
}

test('a node is made, listed, changed, booted and removed', async (t) => {
  const { call } = await serve(t);
  const made = {
    ...node,
    macs: ['52:54:00:00:00:01'],
    uuid: null,
    role: 'compute',
    rack: 0,
    rank: 1,
    clientClasses: null,
    dhcpOptions: {},
    bootAction: 'os',
    bootState: 'os',
    bootReason: null,
    installNumber: 0,
  };
  t.deepEqual(timeless(await call('POST', '', node)), { status: 201, node: made });
  t.deepEqual(timeless(await call('GET', '')), { status: 200, nodes: [made] });
  const patch = { address: null, rack: 7, clientClasses: ['PXEClient'] };
  const dhcpOptions = { mtu: 9000, ntp: ['10.1.1.1'] };
  const changed = { ...made, ...patch, dhcpOptions };
  t.deepEqual(timeless(await call('PATCH', '/compute-0-1', { ...patch, dhcpOptions })), {
    status: 200,
    node: changed,
  });
  const booted = { ...changed, bootAction: 'install', bootState: 'install', installNumber: 1 };
  const order = { selection: ['compute-0-1'], action: 'install' };
  t.deepEqual(timeless(await call('POST', '/boot', order)), { status: 200, nodes: [booted] });
  t.deepEqual(timeless(await call('GET', '/compute-0-1')), { status: 200, node: booted });
  t.deepEqual(timeless(await call('DELETE', '/compute-0-1')), { status: 200, node: booted });
  t.deepEqual(timeless(await call('GET', '')), { status: 200, nodes: [] });
});

test('what is selected is listed, changed and removed as a whole', async (t) => {
  const { call, nodes } = await serve(t);
  for (const rank of [0, 1, 2]) {
    nodes.store.add({ name: `compute-0-${rank}`, macs: [`52:54:00:00:00:0${rank}`] });
  }
  const namesIn = ({ nodes: found }: { readonly nodes: readonly { readonly name: string }[] }) =>
    found.map(({ name }) => name);
  t.deepEqual(namesIn(await call('GET', '?select=rank%3D0-1')), ['compute-0-0', 'compute-0-1']);
  t.is(namesIn(await call('GET', '?select=compute-0-0&select=compute-0-2')).length, 2);
  const patch = { rack: 4, dhcpOptions: { mtu: 9000 } };
  const set = await call('POST', '/set', { selection: ['compute-0-[1-2]'], patch });
  t.deepEqual(namesIn(set), ['compute-0-1', 'compute-0-2']);
  t.like(set.nodes[1], patch);
  t.deepEqual(namesIn(await call('POST', '/boot', { selection: ['rack=4'], action: 'install' })), [
    ...['compute-0-1', 'compute-0-2'],
  ]);
  t.like(await call('POST', '/remove', { selection: ['rack=9'] }), { code: 'nothing-selected' });
  t.is(namesIn(await call('POST', '/remove', { selection: ['rack=4'] })).length, 2);
  t.deepEqual(namesIn(await call('GET', '')), ['compute-0-0']);
});

/** Without the time at which a node came into its state. */
function timeless(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value) =>
    key === 'stateAtMs' ? undefined : value,
  );
}

test('what is wrong is told with its code, and changes nothing', async (t) => {
  const { call, port, nodes } = await serve(t);
  await call('POST', '', node);
  const cases = [
    ['GET', '/none', undefined, 404, 'unknown'],
    ['DELETE', '/none', undefined, 404, 'unknown'],
    ['PATCH', '/none', {}, 404, 'unknown'],
    ['GET', '/none/events', undefined, 404, 'unknown'],
    ['POST', '', node, 409, 'taken'],
    ['POST', '', { ...node, name: 'A' }, 400, 'bad-name'],
    ['POST', '', { name: 'b', macs: ['x'] }, 400, 'bad-mac'],
    ['POST', '', { name: 'b' }, 400, 'bad-request'],
    ['POST', '', { ...node, name: 'b', colour: 'red' }, 400, 'bad-request'],
    ['POST', '', [node], 400, 'bad-request'],
    ['PATCH', '/compute-0-1', { bootState: 'failed' }, 400, 'bad-request'],
    ['PATCH', '/compute-0-1', { rack: '7' }, 400, 'bad-request'],
    ['PATCH', '/compute-0-1', { dhcpOptions: { mtu: 'x' } }, 400, 'bad-option'],
    ['PATCH', '/compute-0-1', { dhcpOptions: { mtu: [9000, true] } }, 400, 'bad-request'],
    ['PATCH', '/compute-0-1', { dhcpOptions: ['mtu'] }, 400, 'bad-option'],
    ['POST', '/boot', { selection: ['compute-0-1', 'none'], action: 'install' }, 404, 'unknown'],
    ['POST', '/boot', { selection: ['compute-0-1'], action: 'dance' }, 400, 'bad-action'],
    ['POST', '/boot', { selection: [], action: 'install' }, 404, 'nothing-selected'],
    ['POST', '/boot', { selection: ['a['], action: 'install' }, 400, 'bad-selection'],
    ['POST', '/set', { selection: ['none'], patch: {} }, 404, 'unknown'],
    ['POST', '/set', { selection: ['all'], patch: { rank: -1 } }, 400, 'bad-place'],
    ['POST', '/set', { selection: ['all'] }, 400, 'bad-request'],
    ['POST', '/remove', { names: ['compute-0-1'] }, 400, 'bad-request'],
    ['GET', '?select=state%3Dx', undefined, 400, 'bad-selection'],
  ] as const;
  const before = nodes.store.all();
  for (const [method, path, body, status, code] of cases) {
    const answer = await call(method, path, body);
    t.like(answer, { status, code }, `${method} ${path} ${JSON.stringify(body)}`);
    t.regex(answer.error, /expected/);
  }
  t.deepEqual(nodes.store.all(), before);
  t.is((await ask(port, '/api/v1/nodes/compute-0-1', { method: 'PUT' })).status, 405);
});

test('a body that is no JSON, of another type, or too large is refused', async (t) => {
  const { port } = await serve(t);
  const post = async (type: string, body: string) => {
    const headers = { 'content-type': type };
    const { status, ...reply } = await ask(port, '/api/v1/nodes', {
      ...{ method: 'POST', headers, body },
    });
    return `${status}: ${JSON.parse(String(reply.body)).error}`;
  };
  t.regex(
    await post('text/plain', JSON.stringify(node)),
    /^415: expected content-type application\/json/,
  );
  t.regex(await post('application/json', '{'), /^400: expected JSON, got/);
  const long = `"${'x'.repeat(2_000_000)}"`;
  t.regex(await post('application/json', long), /^413: .*at most 1048576 bytes/);
});

test('any JSON is taken or refused, never answered with 500', async (t) => {
  const { call } = await serve(t);
  const field = fc.constantFrom(
    'name',
    'macs',
    'address',
    'uuid',
    'rack',
    'action',
    'names',
    'dhcpOptions',
  );
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()));
  const place = fc.constantFrom(
    ...([
      ['POST', ''],
      ['POST', '/boot'],
      ['PATCH', '/compute-0-1'],
    ] as const),
  );
  await call('POST', '', node);
  await fc.assert(
    fc.asyncProperty(place, value, async ([method, path], body) => {
      const { status } = await call(method, path, body);
      t.true(status < 500, `${status} for ${JSON.stringify(body)}`);
    }),
  );
});

/** Opens an event stream and returns what it says line by line. */
async function follow(port: number, name: string) {
  const request = get({ port, path: `/api/v1/nodes/${name}/events?follow`, agent: false });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('expected a response, got none');
  request.on('error', () => {});
  response.on('error', () => {});
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    for (;;) {
      const { value = '', done } = await lines.next();
      if (done) throw new Error('expected an event, got the end');
      if (value.startsWith('data: ')) return JSON.parse(value.slice(6));
    }
  };
  return { response, next, leave: () => request.destroy() };
}

test("a machine's story is told so far, and goes on as it happens", async (t) => {
  const { call, nodes, port } = await serve(t);
  const mac = '52:54:00:00:00:01';
  nodes.events.record({ machine: mac, event: 'discover', text: 'unknown machine' });
  const json = async (path: string) => JSON.parse(String((await ask(port, path)).body));
  const [stranger] = (await json('/api/v1/strangers')).strangers;
  t.like(stranger, { mac, eventCount: 1, last: { event: 'discover' } });
  await call('POST', '', node);
  t.deepEqual(await json('/api/v1/strangers'), { strangers: [] });
  nodes.events.record({ machine: 'compute-0-1', mac, event: 'offer', text: '10.1.1.1' });
  const { events } = await call('GET', '/compute-0-1/events');
  t.is(events.length, 2);
  t.like(events[0], { machine: mac, event: 'discover', text: 'unknown machine' });
  t.like(events[1], { machine: 'compute-0-1', mac, event: 'offer', text: '10.1.1.1' });
  t.is((await call('GET', '/5254.0000.0001/events')).events.length, 2);
  t.deepEqual((await call('GET', '/52:54:00:00:00:09/events')).events, []);

  const { response, next, leave } = await follow(port, 'compute-0-1');
  t.is(response.headers['content-type'], 'text/event-stream');
  t.deepEqual([await next(), await next()], events);
  nodes.events.record({ machine: 'other', event: 'x', text: 'not for us' });
  nodes.events.record({ machine: 'compute-0-1', event: 'kernel', text: 'sent', sizeBytes: 7 });
  t.like(await next(), { event: 'kernel', text: 'sent', sizeBytes: 7 });
  leave();
});

test('so many may follow at once; one that leaves makes room', async (t) => {
  const { port, call } = await serve(t);
  await call('POST', '', node);
  const streams = [];
  for (let at = 0; at < 128; at += 1) streams.push(await follow(port, 'compute-0-1'));
  const refused = await ask(port, '/api/v1/nodes/compute-0-1/events?follow');
  t.is(refused.status, 429);
  t.regex(
    JSON.parse(String(refused.body)).error,
    /^expected at most 128 open event streams, got one more/,
  );
  streams[0]?.leave();
  let status: number | undefined = 429;
  while (status === 429) {
    const more = await follow(port, 'compute-0-1');
    status = more.response.statusCode;
    streams.push(more);
  }
  t.is(status, 200);
  for (const { leave } of streams) leave();
});
