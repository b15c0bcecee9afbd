import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { TftpFile } from '../../../src/frontend/tftp/types.ts';
import { until } from '../../tracker/until.ts';
import { serve, serveContents, someBytes } from './fixture.ts';
import { openRawClient, readRequest } from './raw-client.ts';

/** A server whose door opens when the test says so. */
async function setUp(t: ExecutionContext) {
  const opened = Promise.withResolvers<TftpFile>();
  const counts = { asked: 0, reads: 0, closed: 0 };
  const file: TftpFile = {
    sizeBytes: 1_000,
    read: async (target) => {
      counts.reads += 1;
      return target.length;
    },
    close: async () => {
      counts.closed += 1;
    },
  };
  const open = () => {
    counts.asked += 1;
    return opened.promise;
  };
  const server = await serve(t, open, { silenceLimitMs: 200 });
  const client = await openRawClient();
  t.teardown(client.close);
  await client.send(readRequest('slow'), server.port);
  await until('the door to be asked', () => counts.asked || undefined);
  return { server, client, counts, come: () => opened.resolve(file) };
}

test('a file that is opened too late is closed unread', async (t) => {
  const { server, client, counts, come } = await setUp(t);
  t.like(await server.event(), { outcome: 'failed' });
  t.like((await client.next())?.packet, { kind: 'error', code: 0 });
  come();
  await until('the file to be closed', () => counts.closed || undefined);
  t.deepEqual(counts, { asked: 1, reads: 0, closed: 1 });
  t.is(await client.next(100), undefined);
});

test('a file that is opened when the server has stopped is closed unread', async (t) => {
  const { server, counts, come } = await setUp(t);
  await server.close();
  t.like(await server.event(), { outcome: 'stopped' });
  come();
  await until('the file to be closed', () => counts.closed || undefined);
  t.deepEqual(counts, { asked: 1, reads: 0, closed: 1 });
});

test('the same name with other options is another request, also before any answer', async (t) => {
  const { port, counts } = await serveContents(t, { file: someBytes(100) });
  const client = await openRawClient();
  t.teardown(client.close);
  await client.send(readRequest('file', { tsize: 0 }), port);
  const first = await client.next();
  await client.send(readRequest('file', { tsize: 0, blksize: 1_024 }), port);
  const second = await client.next();
  t.is(first?.packet.kind === 'oack' && first.packet.options.size, 1);
  t.is(second?.packet.kind === 'oack' && second.packet.options.size, 2);
  t.is(counts().drops.repeated, 0);
});

test('a request that was sent again just before its answer came begins nothing new', async (t) => {
  const { port, counts } = await serveContents(t, { file: someBytes(5_000) });
  const client = await openRawClient();
  t.teardown(client.close);
  const request = readRequest('file', { tsize: 0 });
  await client.send(request, port);
  const oack = await client.next();
  await client.send({ kind: 'ack', block: 0 }, oack?.port ?? 0);
  t.is((await client.next())?.packet.kind, 'data');
  await client.send(request, port);
  await until('the request to be counted', () => counts().drops.repeated || undefined);
  t.is(counts().transfers, 1);
});

test('a loader that asks for the same again later, from the same port, gets it again', async (t) => {
  const { port, counts } = await serveContents(t, { file: someBytes(5_000) });
  const client = await openRawClient();
  t.teardown(client.close);
  const request = readRequest('file', { tsize: 0 });
  await client.send(request, port);
  const oack = await client.next();
  await client.send({ kind: 'ack', block: 0 }, oack?.port ?? 0);
  await delay(600);
  await client.send(request, port);
  await until('the second transfer to begin', () => counts().transfers === 2 || undefined);
  t.is(counts().drops.repeated, 0);
});
