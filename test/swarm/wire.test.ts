import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { encodeHave, encodePieceHeader, WireError } from '../../src/protocol/peer-wire/messages.ts';
import { takeOver } from '../../src/swarm/inlet.ts';
import { Wire } from '../../src/swarm/wire.ts';
import { until } from '../support/raw-peer.ts';

/** Two ends of one connection: ours behind a wire, theirs plain. */
async function connectPair(t: ExecutionContext) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const theirs = connect({ port, host: '127.0.0.1' });
  const [ours] = (await once(server, 'connection')) as [Socket];
  theirs.on('error', () => {});
  t.teardown(() => {
    theirs.destroy();
    ours.destroy();
    server.close();
  });
  return { ours, theirs };
}

function createListener(onMessage: () => void = () => {}) {
  const heard = { messages: 0, targets: 0, blocks: 0, closed: [] as (string | undefined)[] };
  const listener = {
    onMessage: () => {
      heard.messages += 1;
      onMessage();
    },
    blockTarget: (range: { readonly lengthBytes: number }) => {
      heard.targets += 1;
      return Buffer.alloc(range.lengthBytes);
    },
    onBlock: () => {
      heard.blocks += 1;
    },
    onDrain: () => {},
    onClosed: (reason: string | undefined) => {
      heard.closed.push(reason);
    },
  };
  return { heard, listener };
}

test('after the end nothing more comes, though it came in the same breath', async (t) => {
  const { ours, theirs } = await connectPair(t);
  const { heard, listener } = createListener(() => wire.close('enough'));
  const wire = new Wire(takeOver(ours), listener, 1000);
  const block = { piece: 0, beginByte: 0, lengthBytes: 4 };
  theirs.write(
    Buffer.concat([encodeHave(1), encodeHave(2), encodePieceHeader(block), Buffer.alloc(4)]),
  );
  await until('the end', () => heard.closed.length > 0);
  await sleep(50);
  t.deepEqual(heard, { messages: 1, targets: 0, blocks: 0, closed: ['enough'] });
});

test('whoever sends is told that his bytes are free, sent or not, once', async (t) => {
  const { ours } = await connectPair(t);
  const { listener } = createListener(() => {});
  const wire = new Wire(takeOver(ours), listener, 1000);
  const freed: string[] = [];
  const range = { piece: 0, beginByte: 0, lengthBytes: 4 };
  wire.sendBlock(range, Buffer.alloc(4), () => void freed.push('sent'));
  await until('it has gone', () => freed.length > 0);
  wire.close(undefined);
  wire.sendBlock(range, Buffer.alloc(4), () => void freed.push('not sent'));
  t.deepEqual(freed, ['sent', 'not sent']);
});

test('what is thrown at a message ends the connection, once, with its words', async (t) => {
  const { ours, theirs } = await connectPair(t);
  const { heard, listener } = createListener(() => {
    throw new WireError('bad-message', 'no such piece');
  });
  const wire = new Wire(takeOver(ours), listener, 1000);
  theirs.write(Buffer.concat([encodeHave(1), encodeHave(2)]));
  await until('the end', () => heard.closed.length > 0);
  wire.close('again');
  await sleep(50);
  t.deepEqual(heard.closed, ['no such piece']);
  t.is(heard.messages, 1);
  t.true(wire.closed);
});

test('who just goes away is not blamed', async (t) => {
  for (const leave of [
    (socket: Socket) => socket.end(),
    (socket: Socket) => socket.resetAndDestroy(),
  ]) {
    const { ours, theirs } = await connectPair(t);
    const { heard, listener } = createListener();
    const wire = new Wire(takeOver(ours), listener, 1000);
    leave(theirs);
    await until('the end', () => heard.closed.length > 0);
    t.deepEqual(heard.closed, [undefined]);
    t.notThrows(() => wire.send(Buffer.alloc(10)));
  }
});

test('who does not read what it is sent is dropped before it costs much memory', async (t) => {
  const { ours, theirs } = await connectPair(t);
  theirs.pause();
  const { heard, listener } = createListener();
  const wire = new Wire(takeOver(ours), listener, 1000);
  let sentBytes = 0;
  for (; !wire.closed && sentBytes < 2 ** 28; sentBytes += 65_536) {
    wire.send(Buffer.alloc(65_536));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(heard.closed, ['does not read what it is sent']);
  t.true(sentBytes < 64 * 1024 * 1024, `${sentBytes}`);
});

test('many messages of one turn go out together, in order', async (t) => {
  const { ours, theirs } = await connectPair(t);
  const wire = new Wire(takeOver(ours), createListener().listener, 1000);
  const chunks: Buffer[] = [];
  theirs.on('data', (chunk: Buffer) => chunks.push(chunk));
  const messages = Array.from({ length: 100 }, (_, piece) => encodeHave(piece));
  for (const message of messages) wire.send(message);
  await until('all of it', () => Buffer.concat(chunks).length === 900);
  t.deepEqual(Buffer.concat(chunks), Buffer.concat(messages));
  t.is(chunks.length, 1);
});
