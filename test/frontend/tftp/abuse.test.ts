import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { until } from '../../tracker/until.ts';
import { createDoor, serve, serveContents, someBytes } from './fixture.ts';
import { download, openRawClient, type RawClient, readRequest } from './raw-client.ts';

/** Acknowledges each block that often; returns how many datagrams with data came. */
async function fetchRepeating(client: RawClient, serverPort: number, times: number) {
  await client.send(readRequest('file'), serverPort);
  let dataCount = 0;
  for (;;) {
    const arrived = await client.next(1_000);
    if (arrived?.packet.kind !== 'data') return dataCount;
    dataCount += 1;
    const { block } = arrived.packet;
    for (let time = 0; time < times; time += 1) {
      await client.send({ kind: 'ack', block }, arrived.port);
    }
  }
}

test('a client that acknowledges everything thrice gets each block once', async (t) => {
  const { port, event } = await serveContents(t, { file: someBytes(512 * 100 + 1) });
  const client = await openRawClient();
  t.teardown(client.close);
  const dataCount = await fetchRepeating(client, port, 3);
  const { outcome, resentBlocks } = await event();
  t.is(outcome, 'complete');
  t.is(dataCount, 101 + resentBlocks);
  // On a busy machine the timer sends one or the other again, but not all that follow it.
  t.true(resentBlocks < 30, `${resentBlocks} were sent again`);
});

test('acknowledgements of blocks that were not sent, and old ones, move nothing', async (t) => {
  const { port, event } = await serveContents(t, { file: someBytes(2_000) });
  const client = await openRawClient();
  t.teardown(client.close);
  await client.send(readRequest('file'), port);
  const transferPort = (await client.next())?.port ?? 0;
  for (const block of [2, 3, 100, 0xffff, 0])
    await client.send({ kind: 'ack', block }, transferPort);
  t.is(await client.next(100), undefined);
  await client.send({ kind: 'ack', block: 1 }, transferPort);
  t.like((await client.next())?.packet, { kind: 'data', block: 2 });
  await client.send({ kind: 'error', code: 0, message: '' }, transferPort);
  t.like(await event(), { outcome: 'aborted' });
});

/** Whether the kernel says that nobody listens at this port for whoever asks here. */
async function isRefused(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const refused = new Promise<boolean>((resolve) => {
    socket.on('error', (error) => resolve(String(error).includes('ECONNREFUSED')));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.send(Buffer.from([0, 4, 0, 1]));
  const answer = await Promise.race([refused, delay(1_000, false, { ref: false })]);
  socket.close();
  return answer;
}

test('who speaks to a transfer of another is refused, and the transfer goes on', async (t) => {
  const { port, event } = await serveContents(t, { file: someBytes(600) });
  const client = await openRawClient();
  t.teardown(client.close);
  await client.send(readRequest('file'), port);
  const transferPort = (await client.next())?.port ?? 0;
  t.true(await isRefused(transferPort));
  await client.send({ kind: 'ack', block: 1 }, transferPort);
  t.like((await client.next())?.packet, { kind: 'data', block: 2 });
  await client.send({ kind: 'ack', block: 2 }, transferPort);
  t.like(await event(), { outcome: 'complete' });
});

test('sixty clients that vanish leave nothing open, and room for others', async (t) => {
  const { open, counts } = createDoor({ file: someBytes(100_000) });
  const limits = { maximumTransfers: 60, silenceLimitMs: 500 };
  const server = await serve(t, open, limits);
  const clients = await Promise.all(Array.from({ length: 60 }, () => openRawClient()));
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  const ports: number[] = [];
  for (const client of clients) {
    await client.send(readRequest('file', { blksize: 1_468, windowsize: 8 }), server.port);
    const port = (await client.next())?.port ?? 0;
    ports.push(port);
    // Some are heard of once more, and then never again.
    if (ports.length % 2 === 0) await client.send({ kind: 'ack', block: 0 }, port);
  }
  await until('all to be given up', () => server.events.length === 60 || undefined);
  t.deepEqual(new Set(server.events.map(({ outcome }) => outcome)), new Set(['lost']));
  t.is(server.counts().transfers, 0);
  t.is(counts.closed, counts.opened);
  for (const port of ports) t.true(await isRefused(port), `port ${port}`);
  t.is((await download(server.port, readRequest('file'))).bytes.length, 100_000);
});

for (const [name, value, granted] of [
  ['blksize', '7', undefined],
  ['blksize', '70000', '1468'],
  ['windowsize', '0', undefined],
  ['windowsize', '65536', '64'],
  ['timeout', '0', undefined],
  ['timeout', '256', undefined],
  ['tsize', '-1', '4000'],
  ['tsize', 'x', '4000'],
  ['multicast', '', undefined],
] as const) {
  test(`${name} ${value} does no harm: ${granted ?? 'nothing'} is granted`, async (t) => {
    const file = someBytes(4_000);
    const { port } = await serveContents(t, { file });
    const { bytes, options } = await download(port, readRequest('file', { [name]: value }));
    t.is(options[name], granted);
    t.true(file.equals(bytes));
  });
}
