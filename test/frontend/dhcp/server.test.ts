import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { decideDhcp } from '../../../src/frontend/dhcp/decide.ts';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { type DhcpPort, startDhcpServer } from '../../../src/frontend/dhcp/server.ts';
import type { DhcpEvent } from '../../../src/frontend/dhcp/types.ts';
import { messageTypes } from '../../../src/protocol/dhcp/options.ts';
import { type DhcpPacket, decodeDhcp, encodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { clientPackets } from '../../protocol/dhcp/client-packets.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { asksFor, chose, frontend, node, packet, server } from './fixture.ts';

const first = '52:54:00:00:00:01';
const second = '52:54:00:00:00:02';
const nodes = [node(), node({ name: 'compute-0-1', macs: [second], address: '10.1.0.6' })];
const burst = 20;

type Plan = {
  readonly port?: DhcpPort['port'];
  readonly commit?: (lease: Lease) => Promise<void>;
  /** Where replies would go instead of into the network. */
  readonly catchReplies?: Catch;
  readonly setNeighbour?: (address: string, mac: string) => void;
  readonly forgetNeighbour?: (address: string) => void;
  readonly ownAddresses?: ReadonlySet<string>;
};
type Catch = (to: string, reply: DhcpPacket) => void;

/**
 * A server on a plain socket of the loopback. As if on port 4011, so that answers go back to
 * whoever asked; a plan with another port has to catch what is sent.
 */
async function setUp(t: ExecutionContext, plan: Plan = {}) {
  const socket = await bound(t);
  if (plan.catchReplies) catchReplies(socket, plan.catchReplies);
  const { situation, table } = frontend(nodes, { unknown: 'ignore' });
  const { log, lines } = createCollectingLog();
  const events: DhcpEvent[] = [];
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  const dhcp = startDhcpServer({
    ports: [
      {
        port: plan.port ?? 4011,
        socket: {
          socket,
          setNeighbour: plan.setNeighbour ?? (() => {}),
          forgetNeighbour: plan.forgetNeighbour ?? (() => {}),
          close,
        },
        decide: (asked) => decideDhcp(asked, situation()),
      },
    ],
    leases: { commit: plan.commit ?? (async (lease) => table.put(lease)) },
    ...(plan.ownAddresses === undefined ? {} : { ownAddresses: plan.ownAddresses }),
    onEvent: (event) => events.push(event),
    log,
    nowMs: () => 0,
  });
  t.teardown(dhcp.close);
  const client = await createClient(t, socket.address().port);
  const dropCount = () => [...dhcp.drops().values()].reduce((sum, count) => sum + count, 0);
  return { dhcp, client, events, lines, table, dropCount };
}

async function bound(t: ExecutionContext): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => {
    // The server has closed its own.
    if (isOpen(socket)) socket.close();
  });
  return socket;
}

function isOpen(socket: Socket): boolean {
  try {
    return socket.address().port > 0;
  } catch {
    return false;
  }
}

function catchReplies(socket: Socket, caught: Catch): void {
  const send = (bytes: Buffer, port: number, address: string, sent: () => void) => {
    caught(`${address}:${port}`, decodeDhcp(bytes));
    sent();
  };
  Object.assign(socket, { send });
}

async function createClient(t: ExecutionContext, port: number) {
  const socket = await bound(t);
  const replies: DhcpPacket[] = [];
  socket.on('message', (bytes) => replies.push(decodeDhcp(bytes)));
  const send = (bytes: Buffer) =>
    new Promise<void>((resolve, reject) =>
      socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  return { send, ask: (asked: DhcpPacket) => send(encodeDhcp(asked)), replies };
}

type Ground = Awaited<ReturnType<typeof setUp>>;

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !isSo(); turn += 1) await delay(5);
  if (!isSo()) throw new Error('expected it to happen within 10 s');
}

const discover = (mac = first) => packet({ type: 'discover', mac });
const request = () =>
  packet({ type: 'request', mac: first, options: [chose(server), asksFor('10.1.0.5')] });

/** The offer of a machine that asks now. */
async function offerTo({ client }: Ground, mac: string): Promise<string | undefined> {
  const isForIt = (reply: DhcpPacket) => reply.mac === mac;
  const before = client.replies.filter(isForIt).length;
  await client.ask(discover(mac));
  await until(() => client.replies.filter(isForIt).length > before);
  return client.replies.findLast(isForIt)?.yiaddr;
}

test('a discover gets its offer, and it is an event', async (t) => {
  const ground = await setUp(t);
  t.is(await offerTo(ground, first), '10.1.0.5');
  const [reply] = ground.client.replies;
  t.is(reply?.op, 'reply');
  t.deepEqual(reply?.options.get(53), Buffer.from([messageTypes.offer]));
  t.like(ground.events, [{ event: 'offer', node: 'compute-0-0', mac: first }]);
  t.is(ground.dropCount(), 0);
});

test('who is not answered is counted by the reason', async (t) => {
  const ground = await setUp(t);
  const { client, dhcp, events } = ground;
  await client.ask(discover('52:54:00:00:00:99'));
  await client.ask(packet({ type: 'discover', op: 'reply' }));
  await client.send(Buffer.from('no DHCP'));
  await client.send(Buffer.alloc(0));
  await until(() => ground.dropCount() === 4);
  t.deepEqual(Object.fromEntries(dhcp.drops()), {
    'unknown-machine': 1,
    'not-a-request': 1,
    malformed: 2,
  });
  t.like(events, [{ event: 'ignored', reason: 'unknown-machine', mac: '52:54:00:00:00:99' }]);
  t.deepEqual(client.replies, []);
});

test('what the frontend itself asks of other servers is not answered', async (t) => {
  const ground = await setUp(t, { ownAddresses: new Set(['127.0.0.1']) });
  await ground.client.ask(discover());
  await until(() => ground.dropCount() === 1);
  t.deepEqual([...ground.dhcp.drops()], [['own-question', 1]]);
  t.deepEqual(ground.events, []);
  t.is(ground.table.size, 0);
  await ground.client.ask(packet({ type: 'request', ciaddr: '10.1.0.5' }));
  await until(() => ground.client.replies.length === 1);
});

test('any bytes are answered or dropped with a reason, and nothing ends', async (t) => {
  const ground = await setUp(t);
  const { client, dhcp, lines } = ground;
  const change = fc.record({ at: fc.nat(400), to: fc.nat(255) });
  const changed = fc
    .tuple(
      fc.constantFrom(...clientPackets.map(({ bytes }) => bytes)),
      fc.array(change, { maxLength: 12 }),
    )
    .map(([bytes, changes]) => {
      const mutated = Buffer.from(bytes);
      for (const { at, to } of changes) mutated[at % mutated.length] = to;
      return mutated;
    });
  const anything = fc
    .uint8Array({ maxLength: 1400, size: 'max' })
    .map((bytes) => Buffer.from(bytes));
  const seed = Date.now();
  const all = fc.sample(fc.oneof(changed, anything), { numRuns: 1000, seed });
  for (let at = 0; at < all.length; at += 20) {
    const some = all.slice(at, at + 20);
    for (const bytes of some) await client.send(bytes);
    const sentCount = at + some.length;
    await until(() => ground.dropCount() + client.replies.length >= sentCount);
  }
  t.is(dhcp.drops().get('malformed') ?? 0, all.filter((bytes) => !isDhcp(bytes)).length);
  t.is(dhcp.drops().get('failed') ?? 0, 0, `seed ${seed}: ${JSON.stringify(lines)}`);
  t.is(await offerTo(ground, second), '10.1.0.6');
});

function isDhcp(bytes: Buffer): boolean {
  try {
    return decodeDhcp(bytes).xid >= 0;
  } catch {
    return false;
  }
}

test('a flood of one machine is cut while another is heard', async (t) => {
  const ground = await setUp(t);
  const { client, dhcp } = ground;
  const floodCount = 300;
  for (let sent = 0; sent < floodCount; sent += 1) {
    await client.ask(discover(first));
    if (sent % 20 === 0) await until(() => handledCount(ground) > sent);
  }
  await until(() => handledCount(ground) === floodCount);
  t.is(client.replies.length, burst);
  t.is(dhcp.drops().get('flood'), floodCount - burst);
  t.is(await offerTo(ground, second), '10.1.0.6');
});

function handledCount({ client, dropCount }: Ground): number {
  return client.replies.length + dropCount();
}

test('an answer leaves when its lease is kept, and not before', async (t) => {
  const kept = Promise.withResolvers<void>();
  const leases: Lease[] = [];
  const ground = await setUp(t, {
    commit: (lease) => {
      leases.push(lease);
      return lease.state === 'bound' && lease.mac === first ? kept.promise : Promise.resolve();
    },
  });
  await ground.client.ask(request());
  await until(() => leases.length === 1);
  t.is(await offerTo(ground, second), '10.1.0.6', 'others do not wait');
  t.is(ground.client.replies.length, 1);
  kept.resolve();
  await until(() => ground.client.replies.length === 2);
  t.like(ground.client.replies[1], { mac: first, yiaddr: '10.1.0.5' });
});

test('without room for its lease a machine gets no answer, and the next one does', async (t) => {
  const ground = await setUp(t, {
    commit: async ({ mac }) => {
      if (mac === first) throw new Error('no room on the disk');
    },
  });
  await ground.client.ask(request());
  await until(() => ground.dropCount() === 1);
  t.deepEqual([...ground.dhcp.drops()], [['failed', 1]]);
  t.like(ground.lines, [{ level: 'warn', fields: { reason: 'no room on the disk' } }]);
  t.is(await offerTo(ground, second), '10.1.0.6');
  t.is(ground.client.replies.length, 1);
});

const destinations = [
  ['a relay agent hears the answer for its client', { giaddr: '10.1.9.9' }, '10.1.9.9:67'],
  ['who asks for a broadcast gets one', { broadcast: true }, '255.255.255.255:68'],
  ['a machine without an address is told at the one it gets', {}, '10.1.0.5:68'],
] as const;
for (const [title, values, expected] of destinations) {
  test(title, async (t) => {
    const sent: string[] = [];
    const neighbours: string[] = [];
    const { client } = await setUp(t, {
      port: 67,
      catchReplies: (to) => sent.push(to),
      setNeighbour: (address, mac) => neighbours.push(`${address} ${mac}`),
      forgetNeighbour: (address) => neighbours.push(`${address} no more`),
    });
    await client.ask(packet({ type: 'discover', ...values }));
    const isNew = expected === '10.1.0.5:68';
    await until(() => sent.length === 1 && neighbours.length === (isNew ? 2 : 0));
    t.deepEqual(sent, [expected]);
    t.deepEqual(neighbours, isNew ? [`10.1.0.5 ${first}`, '10.1.0.5 no more'] : []);
  });
}

test('a machine that renews its lease is told at the address that it has', async (t) => {
  const sent: string[] = [];
  const { client } = await setUp(t, { port: 67, catchReplies: (to) => sent.push(to) });
  await client.ask(packet({ type: 'request', ciaddr: '10.1.0.5' }));
  await until(() => sent.length === 1);
  t.deepEqual(sent, ['10.1.0.5:68']);
});

test('a neighbour that cannot be set costs one answer only', async (t) => {
  const sent: string[] = [];
  const ground = await setUp(t, {
    port: 67,
    catchReplies: (to) => sent.push(to),
    setNeighbour: () => {
      throw new Error('not permitted');
    },
  });
  await ground.client.ask(discover());
  await until(() => ground.dropCount() === 1);
  t.deepEqual([...ground.dhcp.drops()], [['failed', 1]]);
  await ground.client.ask(packet({ type: 'discover', broadcast: true }));
  await until(() => sent.length === 1);
  t.deepEqual(sent, ['255.255.255.255:68']);
});
