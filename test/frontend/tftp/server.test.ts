import test from 'ava';
import type { OpenTftpFile } from '../../../src/frontend/tftp/types.ts';
import { createRandom } from '../../../src/simulator/random.ts';
import { until } from '../../tracker/until.ts';
import { createDoor, serve, serveContents, someBytes } from './fixture.ts';
import { download, openRawClient, readRequest } from './raw-client.ts';

for (const sizeBytes of [0, 1, 511, 512, 513, 1_024, 65_536, 200_000]) {
  test(`${sizeBytes} bytes arrive as they are, with options and without`, async (t) => {
    const file = someBytes(sizeBytes);
    const { port } = await serveContents(t, { file });
    for (const options of [
      {},
      { tsize: 0 },
      { blksize: 1_468, tsize: 0, timeout: 1 },
      { blksize: 512, windowsize: 7 },
      { blksize: 8_192, windowsize: 64, tsize: 0 },
      { blksize: 8 },
    ]) {
      if ('blksize' in options && options.blksize === 8 && sizeBytes > 2_000) continue;
      const got = await download(port, readRequest('file', options));
      t.true(file.equals(got.bytes), JSON.stringify(options));
      const isTold = 'tsize' in options && sizeBytes > 0;
      t.is(got.options.tsize, isTold ? String(sizeBytes) : undefined);
    }
  });
}

test('each end of a transfer is told, with size and time', async (t) => {
  const { port, event } = await serveContents(t, { 'pxelinux.0': someBytes(42_000) });
  await download(port, readRequest('pxelinux.0', { blksize: 1_432, windowsize: 4 }));
  const { elapsedMs, ...told } = await event();
  t.deepEqual(told, {
    client: '127.0.0.1',
    path: 'pxelinux.0',
    outcome: 'complete',
    reason: undefined,
    sizeBytes: 42_000,
    sentBytes: 42_000,
    blockBytes: 1_432,
    windowBlocks: 4,
    resentBlocks: 0,
  });
  t.true(elapsedMs > 0);
});

test('a path that the door refuses gets its code and reason', async (t) => {
  const { port, event } = await serveContents(t, {});
  const message = '1 no file ../../etc/shadow';
  await t.throwsAsync(download(port, readRequest('../../etc/shadow')), { message });
  t.like(await event(), { outcome: 'refused', reason: 'no file ../../etc/shadow', sentBytes: 0 });
});

test('nothing can be written, and mail is no mode', async (t) => {
  const { port } = await serveContents(t, { file: someBytes(10) });
  const write = { ...readRequest('file'), kind: 'write' as const };
  await t.throwsAsync(download(port, write), { message: /^2 / });
  await t.throwsAsync(download(port, readRequest('file', {}, 'mail')), { message: /^4 / });
});

test('text goes out as netascii to who asks for it, with its size as it is sent', async (t) => {
  const text = 'default install\n\tkernel vmlinuz\r\n'.repeat(5_000);
  const { port } = await serveContents(t, { 'yaboot.conf': Buffer.from(text) });
  const request = readRequest('yaboot.conf', { tsize: 0, blksize: 1_000 }, 'NetASCII');
  const { bytes, options } = await download(port, request);
  t.is(bytes.length, Number(options.tsize));
  t.is(bytes.toString().replaceAll('\r\n', '\n').replaceAll('\r\0', '\r'), text);
});

test('many clients at once read a file once', async (t) => {
  const file = someBytes(1_000_000);
  const { open, counts } = createDoor({ file });
  const { port, events } = await serve(t, open);
  const request = readRequest('file', { blksize: 1_468, windowsize: 4 });
  const got = await Promise.all(Array.from({ length: 64 }, () => download(port, request)));
  t.true(got.every(({ bytes }) => file.equals(bytes)));
  await until('all transfers to end', () => (events.length === 64 ? true : undefined));
  t.is(counts.readBytes, 1_000_000);
  t.like(counts, { opened: 64, closed: 64 });
});

test('files without an identity are each read for themselves', async (t) => {
  const { open, counts } = createDoor({ file: someBytes(1_000) }, { isShared: false });
  const { port } = await serve(t, open);
  await Promise.all([1, 2].map(() => download(port, readRequest('file'))));
  t.is(counts.readBytes, 2_000);
});

test('a client that only asks for the size, and then aborts, is nothing unusual', async (t) => {
  const { open, counts } = createDoor({ file: someBytes(100_000) });
  const { port, event } = await serve(t, open);
  const client = await openRawClient();
  await client.send(readRequest('file', { tsize: 0, blksize: 1_468 }), port);
  const answer = await client.next();
  t.deepEqual(answer?.packet, {
    kind: 'oack',
    options: new Map([
      ['tsize', '100000'],
      ['blksize', '1468'],
    ]),
  });
  await client.send(
    { kind: 'error', code: 8, message: 'User aborted the transfer' },
    answer?.port ?? 0,
  );
  t.like(await event(), { outcome: 'aborted', reason: '8 User aborted the transfer' });
  t.is(counts.closed, 1);
  client.close();
});

test('the same request again, before its answer is acknowledged, is answered once', async (t) => {
  const { port, counts } = await serveContents(t, { file: someBytes(100) });
  const client = await openRawClient();
  for (let count = 0; count < 5; count += 1)
    await client.send(readRequest('file', { tsize: 0 }), port);
  t.is((await client.next())?.packet.kind, 'oack');
  t.is(await client.next(300), undefined);
  t.like(counts(), { transfers: 1, drops: { repeated: 4 } });
  client.close();
});

test('another request from the same port is a transfer of its own', async (t) => {
  const { port } = await serveContents(t, { a: Buffer.from('A'), b: Buffer.from('B') });
  const client = await openRawClient();
  await client.send(readRequest('a'), port);
  const first = await client.next();
  await client.send(readRequest('b'), port);
  const second = await client.next();
  const bytes = [first, second].map((each) => each?.packet.kind === 'data' && each.packet.bytes);
  t.deepEqual(bytes.map(String), ['A', 'B']);
  t.not(first?.port, second?.port);
  client.close();
});

test('past the limits there is silence, and room again afterwards', async (t) => {
  const limits = { maximumTransfersPerClient: 2, silenceLimitMs: 400 };
  const { port, counts, event } = await serveContents(t, { file: someBytes(100) }, limits);
  const clients = await Promise.all([1, 2, 3].map(() => openRawClient()));
  for (const client of clients) await client.send(readRequest('file'), port);
  await until('a request to find no room', () => counts().drops.busy || undefined);
  t.is(counts().transfers, 2);
  for (const client of clients) client.close();
  t.is((await event()).outcome, 'lost');
  t.is((await event()).outcome, 'lost');
  t.is((await download(port, readRequest('file'))).bytes.length, 100);
});

test('a client that vanishes is given up, and its file closed', async (t) => {
  const { open, counts } = createDoor({ file: someBytes(100_000) });
  const { port, event, counts: ofServer } = await serve(t, open, { silenceLimitMs: 300 });
  const client = await openRawClient();
  t.teardown(client.close);
  await client.send(readRequest('file'), port);
  const answer = await client.next();
  await client.send({ kind: 'ack', block: 1 }, answer?.port ?? 0);
  t.like(await event(), { outcome: 'lost', reason: 'the client has fallen silent' });
  t.is(counts.closed, 1);
  t.is(ofServer().transfers, 0);
});

test('a client whose port is closed is given up at once', async (t) => {
  const { port, event } = await serveContents(t, { file: someBytes(100_000) });
  const client = await openRawClient();
  await client.send(readRequest('file'), port);
  const answer = await client.next();
  await client.send({ kind: 'ack', block: 1 }, answer?.port ?? 0);
  client.close();
  t.like(await event(), { outcome: 'lost', reason: 'the client has closed its port' });
});

test('what another port sends to a transfer does not touch it', async (t) => {
  const { port, event } = await serveContents(t, { file: someBytes(1_000) });
  const [client, other] = [await openRawClient(), await openRawClient()];
  await client.send(readRequest('file'), port);
  const transferPort = (await client.next())?.port ?? 0;
  await other.send({ kind: 'error', code: 0, message: 'away with you' }, transferPort);
  await other.send({ kind: 'ack', block: 1 }, transferPort);
  t.is(await client.next(200), undefined);
  await client.send({ kind: 'ack', block: 1 }, transferPort);
  t.like((await client.next())?.packet, { kind: 'data', block: 2 });
  await client.send({ kind: 'ack', block: 2 }, transferPort);
  t.is((await event()).outcome, 'complete');
  client.close();
  other.close();
});

test('a file that cannot be read ends the transfer; the reason is for the operator', async (t) => {
  const broken = (read: () => Promise<number>): OpenTftpFile => {
    return async () => ({ sizeBytes: 1_000, read, close: async () => {} });
  };
  const failing = await serve(
    t,
    broken(() => Promise.reject(new Error('EIO: /secret/place'))),
  );
  const message = '0 the file cannot be read';
  await t.throwsAsync(download(failing.port, readRequest('file')), { message });
  t.like(await failing.event(), { outcome: 'failed', reason: 'EIO: /secret/place' });

  const shrinking = await serve(
    t,
    broken(() => Promise.resolve(999)),
  );
  await t.throwsAsync(download(shrinking.port, readRequest('file')), { message: /became shorter/ });

  const closed = await serve(t, () => Promise.reject(new Error('no such door')));
  await t.throwsAsync(download(closed.port, readRequest('file')), { message });
});

test('a file that takes too long to open is given up', async (t) => {
  const { port, event } = await serve(t, () => new Promise(() => {}), { silenceLimitMs: 100 });
  await t.throwsAsync(download(port, readRequest('file')), { message: /^0 / });
  t.is((await event()).outcome, 'failed');
});

test('any bytes, to the server or to a transfer, are passed over and counted', async (t) => {
  const { port, counts } = await serveContents(t, { file: someBytes(1_000) });
  const seed = Date.now();
  t.log(`seed ${seed}`);
  const random = createRandom(seed);
  const client = await openRawClient();
  await client.send(readRequest('file'), port);
  const transferPort = (await client.next())?.port ?? 0;
  for (let count = 0; count < 1_000; count += 1) {
    const bytes = Buffer.from(Array.from({ length: random() * 40 }, () => random() * 256));
    // Neither an error, which would end it, nor an acknowledgement of block 1.
    if (bytes.length > 1 && (bytes[1] === 4 || bytes[1] === 5)) bytes[1] = 3;
    await client.send(bytes, count % 2 === 0 ? port : transferPort);
    if (count % 50 === 0) await client.next(1);
  }
  const { malformed } = await until('bytes to be counted', () =>
    counts().drops.malformed > 100 ? counts().drops : undefined,
  );
  t.true(malformed <= 500);
  t.is(counts().transfers, 1);
  await client.send({ kind: 'ack', block: 1 }, transferPort);
  t.is((await download(port, readRequest('file'))).bytes.length, 1_000);
  client.close();
});

test('closing the server ends its transfers', async (t) => {
  const { open, counts } = createDoor({ file: someBytes(1_000) });
  const { port, close, event } = await serve(t, open);
  const client = await openRawClient();
  await client.send(readRequest('file'), port);
  await client.next();
  await close();
  t.like((await client.next())?.packet, { kind: 'error', code: 0 });
  t.is((await event()).outcome, 'stopped');
  t.is(counts.closed, 1);
  client.close();
});

test('a port that is taken is an error at the start', async (t) => {
  const { port } = await serveContents(t, {});
  await t.throwsAsync(serveContents(t, {}, { port }), { code: 'EADDRINUSE' });
});
