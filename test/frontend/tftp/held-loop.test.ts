import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { decodeTftp, encodeTftp, type TftpPacket } from '../../../src/protocol/tftp/packet.ts';
import { createDoor, serve, someBytes } from './fixture.ts';
import { readRequest } from './raw-client.ts';

/** Longer than the server waits before it sends its first answer again. */
const heldMs = 1_300;

test('an answer that came while the loop was held is heard before anything is sent again', async (t) => {
  const file = someBytes(1_000);
  const { port, event } = await serve(t, createDoor({ file }).open);
  const client = await openClient(t);
  client.send(encodeTftp(readRequest('file', { blksize: 1_468 })), port, '127.0.0.1');
  const kinds: string[] = [];
  client.on('message', (datagram, { port: transferPort }) => {
    const packet = decodeTftp(datagram);
    kinds.push(packet.kind);
    if (kinds.length === 1) client.connect(transferPort, '127.0.0.1', acknowledgeAndHold);
    if (packet.kind === 'data') client.send(ack(packet.block));
  });
  t.like(await event(), { outcome: 'complete', resentBlocks: 0 });
  t.deepEqual(kinds, ['oack', 'data']);

  function acknowledgeAndHold(): void {
    // A connected socket sends at once: the answer lies in the server's queue from here on.
    client.send(ack(0));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldMs);
  }
});

async function openClient(t: ExecutionContext): Promise<Socket> {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

function ack(block: number): Buffer {
  return encodeTftp({ kind: 'ack', block } satisfies TftpPacket);
}
