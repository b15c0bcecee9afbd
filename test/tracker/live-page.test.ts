import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createLivePage, type LivePageConfig } from '../../src/tracker/live-page.ts';
import { until } from './until.ts';

async function serve(
  t: ExecutionContext,
  page: () => Promise<Buffer>,
  { answers = [], ...config }: LivePageConfig & { readonly answers?: ServerResponse[] } = {},
): Promise<() => Promise<IncomingMessage>> {
  const follow = createLivePage(page, { everyMs: 10, ...config });
  const server = createServer((request, response) => {
    answers.push(response);
    follow(request, response).catch(() => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return async () => {
    const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response');
    t.teardown(() => response.destroy());
    return response;
  };
}

test('the page is made once for all who read it, and for nobody when they have left', async (t) => {
  let made = 0;
  const open = await serve(t, async () => Buffer.from(`page ${++made}`));
  const readers = await Promise.all([open(), open(), open()]);
  const texts = readers.map(() => '');
  for (const [at, reader] of readers.entries()) {
    reader.setEncoding('utf8').on('data', (text) => {
      texts[at] += text;
    });
  }
  const haveMany = () => texts.every((text) => text.split('data: "page ').length > 5);
  await until('six pages each', () => haveMany() || undefined);
  const pagesOf = (text: string) => text.split('data: "page ').length - 1;
  const most = Math.max(...texts.map(pagesOf));
  // One for each that came, and the one that is on its way.
  t.true(made <= most + 4, `${made} made, ${most} read`);
  for (const reader of readers) reader.destroy();
  let before = -1;
  await until('no more pages', () => {
    const isStill = before === made;
    before = made;
    return isStill || undefined;
  });
  t.is(made, before);
});

test('whoever comes, or comes back, has the page at once', async (t) => {
  const open = await serve(t, async () => Buffer.from('now'), { everyMs: 3_600_000 });
  for (const _ of [1, 2]) {
    const reader = await open();
    const [first] = await once(reader.setEncoding('utf8'), 'data');
    t.is(first, 'retry: 1000\ndata: "now"\n\n');
    reader.destroy();
  }
});

test('who leaves while the page is made for them harms nobody, and gives their place back', async (t) => {
  const { promise: isWanted, resolve: want } = Promise.withResolvers<void>();
  const { promise: isMade, resolve: make } = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const follow = createLivePage(
    async () => {
      want();
      await isMade;
      return Buffer.from('page');
    },
    { everyMs: 10, mostReaders: 1 },
  );
  const ends: Promise<void>[] = [];
  const server = createServer((request, response) => {
    response.on('error', (error) => failures.push(error));
    ends.push(follow(request, response));
    response.once('close', make);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const asked = get({ host: '127.0.0.1', port, agent: false }).on('error', () => {});
  await isWanted;
  asked.destroy();
  await isMade;
  await Promise.all(ends);
  t.deepEqual(failures, []);
  const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response');
  t.is(response.statusCode, 200);
  response.destroy();
});

test('for a reader that takes nothing nothing piles up, and the others are told', async (t) => {
  const page = Buffer.alloc(1_000_000, 'x');
  const answers: ServerResponse[] = [];
  const open = await serve(t, async () => page, { answers });
  const idle = await open();
  idle.pause();
  const busy = await open();
  let takenBytes = 0;
  busy.on('data', (chunk: Buffer) => {
    takenBytes += chunk.length;
  });
  await until('a hundred pages', () => takenBytes > 100 * page.length || undefined);
  t.true(Number(answers[0]?.writableLength) < 3 * page.length);
});

test('one reader too many is told so, and takes the place of one that has left', async (t) => {
  const open = await serve(t, async () => Buffer.from('page'), { mostReaders: 2 });
  const first = await open();
  t.is(first.statusCode, 200);
  t.is((await open()).statusCode, 200);
  t.is((await open()).statusCode, 503);
  first.destroy();
  const untilPlace = async () => {
    for (;;) if ((await open()).statusCode === 200) return;
  };
  await t.notThrowsAsync(untilPlace());
});

test('when the page cannot be made the readers are let go, to come back', async (t) => {
  let isBroken = false;
  const open = await serve(t, async () => {
    if (isBroken) throw new Error('no page');
    return Buffer.from('page');
  });
  const reader = await open();
  const ended = new Promise((resolve) => reader.once('error', resolve));
  reader.resume();
  isBroken = true;
  await ended;
  isBroken = false;
  t.is((await open()).statusCode, 200);
});
