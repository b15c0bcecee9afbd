import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { ask, sendRaw } from './client.ts';
import { type ServedTrees, serveTrees, temporaryFolder, writeTree } from './fixture.ts';

const image = randomBytes(20_000_000);
const path = '/install/rocks/image';
const fallback = { 'x-scree-fallback': '1' };

async function serve(t: ExecutionContext, places = 4): Promise<ServedTrees> {
  const folder = await temporaryFolder(t);
  const contents = { image, small: 'small' };
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents });
  return serveTrees(t, [tree], { fallback: places });
}

/** Asks for the image by fallback and takes only what comes with the head. */
async function startFallback(port: number) {
  const outgoing = get({ port, host: '127.0.0.1', path, headers: fallback, agent: false });
  const [incoming] = await once(outgoing, 'response');
  incoming.on('error', () => {});
  return { status: incoming.statusCode as number, abort: () => outgoing.destroy() };
}

async function untilNoneRuns({ figures }: ServedTrees): Promise<void> {
  while (((await figures()).fallbacksRunning ?? 0) > 0) await sleep(10);
}

test('fallback ranges beyond the limit are told to come back in a second', async (t) => {
  const served = await serve(t, 2);
  const running = [await startFallback(served.port), await startFallback(served.port)];
  t.deepEqual(
    running.map(({ status }) => status),
    [200, 200],
  );
  const refused = await ask(served.port, path, { headers: { ...fallback, range: 'bytes=0-9' } });
  t.is(refused.status, 503);
  t.is(refused.headers['retry-after'], '1');
  t.is((await ask(served.port, '/install/rocks/small')).status, 200, 'others are not limited');
  for (const { abort } of running) abort();
  await untilNoneRuns(served);
  t.is((await ask(served.port, '/install/rocks/small', { headers: fallback })).status, 200);
});

test('a place is given back 1,000 times, however the client leaves', async (t) => {
  const served = await serve(t, 3);
  const leave = [
    async () => (await startFallback(served.port)).abort(),
    async () => void (await ask(served.port, '/install/rocks/small', { headers: fallback })),
    async () => void (await ask(served.port, path, { method: 'HEAD', headers: fallback })),
    async () => leaveAfterAsking(served.port),
    async () => leavePipelined(served.port),
  ];
  for (let round = 0; round < 200; round += 1) {
    await Promise.all(leave.map((each) => each()));
  }
  await untilNoneRuns(served);
  const range = { ...fallback, range: 'bytes=5-9' };
  t.deepEqual((await ask(served.port, path, { headers: range })).body, image.subarray(5, 10));
});

async function leaveAfterAsking(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Scree-Fallback: 1\r\n\r\n`);
  await new Promise(setImmediate);
  socket.resetAndDestroy();
}

async function leavePipelined(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Scree-Fallback: 1\r\n\r\n`.repeat(5));
  await once(socket, 'data');
  socket.destroy();
}

test('pipelined requests are answered in order', async (t) => {
  const { port } = await serve(t);
  const ranges = ['0-99999', '5-5', '7-7', '0-0'];
  const lines = ranges.map((range, index) => {
    const last = index === ranges.length - 1 ? 'Connection: close\r\n' : '';
    return `GET ${path} HTTP/1.1\r\nHost: x\r\nRange: bytes=${range}\r\n${last}\r\n`;
  });
  const answer = await sendRaw(port, lines.join(''));
  const told = [...answer.matchAll(/content-range: bytes ([\d-]+)/gi)].map((match) => match[1]);
  t.deepEqual(told, ranges);
});

test('a connection that sends too many requests ahead is closed', async (t) => {
  const { port } = await serve(t);
  const answer = await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(200));
  t.true(answer.length < image.length * 200);
});

test.serial(
  'clients that take nothing hold little memory, and others are served meanwhile',
  async (t) => {
    const { port } = await serve(t);
    const before = process.memoryUsage().rss;
    const sockets = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').pause());
    t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
    for (const socket of sockets)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(10));
    await sleep(500);
    t.is((await ask(port, '/install/rocks/small')).body.toString(), 'small');
    // A thousand requests of 20 MB each are open.
    t.true(process.memoryUsage().rss - before < 400e6);
  },
);

test('thousands of requests, many at a time, are all answered', async (t) => {
  const { port } = await serve(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  t.teardown(() => agent.destroy());
  const once_ = (): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: '/install/rocks/small', agent }, (incoming) => {
        let body = '';
        incoming.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        incoming.on('end', () => resolve(body)).on('error', reject);
      }).on('error', reject);
    });
  const bodies = await Promise.all(Array.from({ length: 3_000 }, once_));
  t.deepEqual([...new Set(bodies)], ['small']);
});
