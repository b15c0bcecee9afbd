import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { startTftpThreads } from '../../../src/frontend/tftp/threads.ts';
import type { TftpTransferEvent } from '../../../src/frontend/tftp/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { until } from '../../tracker/until.ts';
import { createDoor, someBytes } from './fixture.ts';
import { download, openRawClient, readRequest } from './raw-client.ts';

const clientCount = 24;
const host = '127.0.0.1';

async function serve(t: ExecutionContext, bytes: Buffer) {
  const { open, counts } = createDoor({ file: bytes });
  const events: TftpTransferEvent[] = [];
  const deps = { log: silentLog, open, onEvent: (event: TftpTransferEvent) => events.push(event) };
  const server = await startTftpThreads(deps, { host, port: 0 });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await server.close();
    isClosed = true;
  };
  t.teardown(close);
  return { deps, server, events, counts, close };
}

test('clients are served by whichever thread they come to', async (t) => {
  const bytes = someBytes(700_000);
  const { server, events, counts } = await serve(t, bytes);
  const clients = Array.from({ length: clientCount }, (_, at) =>
    download(server.port, readRequest('file', { blksize: 1_468, windowsize: 1 + (at % 3) * 7 })),
  );
  for (const got of await Promise.all(clients)) t.true(bytes.equals(got.bytes));
  await until('all ends to be told', () => events.length === clientCount || undefined);
  t.deepEqual(new Set(events.map(({ outcome }) => outcome)), new Set(['complete']));
  await until('the files to be closed', () => counts.closed === counts.opened || undefined);
});

test('what is dropped is counted in all threads together', async (t) => {
  const { server } = await serve(t, someBytes(10));
  for (let sent = 0; sent < clientCount; sent += 1) {
    const client = await openRawClient();
    await client.send(Buffer.from('nothing'), server.port);
    client.close();
  }
  const dropped = () => server.counts().drops.malformed;
  await until('all to be counted', () => dropped() >= clientCount || undefined);
  t.is(dropped(), clientCount);
});

test('closing ends the transfers of all threads, and gives back every file', async (t) => {
  const { server, events, counts, close } = await serve(t, someBytes(100_000));
  const clients = await Promise.all(Array.from({ length: clientCount }, openRawClient));
  for (const client of clients) {
    t.teardown(client.close);
    await client.send(readRequest('file'), server.port);
    t.is((await client.next())?.packet.kind, 'data');
  }
  await close();
  t.deepEqual(
    events.map(({ outcome }) => outcome),
    clients.map(() => 'stopped'),
  );
  t.is(counts.closed, counts.opened);
});

test('a port that is taken is an error, also when another of these has it', async (t) => {
  const other = createSocket('udp4');
  other.bind(0, host);
  await once(other, 'listening');
  const { deps, server } = await serve(t, someBytes(10));
  for (const { port } of [other.address(), server]) {
    await t.throwsAsync(startTftpThreads(deps, { host, port }), { code: 'EADDRINUSE' });
  }
  other.close();
});
