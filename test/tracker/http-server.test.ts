import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { announce, announceQuery, get, startTracker } from './tracker-fixture.ts';

test('health and figures are on the same port', async (t) => {
  const { port } = await startTracker(t);
  await announce(port);
  t.is((await get(`http://127.0.0.1:${port}/healthz`)).body.toString(), 'ok\n');
  const json = JSON.parse((await get(`http://127.0.0.1:${port}/stats.json`)).body.toString());
  t.is(json.totals.leechers, 1);
  const page = await get(`http://127.0.0.1:${port}/stats?x=1`);
  t.is(page.headers['content-type'], 'text/html; charset=utf-8');
  t.true(page.body.toString().startsWith('<!doctype html>'));
  t.regex(
    String(page.headers['content-security-policy']),
    /^default-src 'none'; .*script-src 'self'/,
  );
  const script = await get(`http://127.0.0.1:${port}/stats/live.js`);
  t.is(script.headers['content-type'], 'text/javascript; charset=utf-8');
  const metrics = await get(`http://127.0.0.1:${port}/metrics`);
  t.is(metrics.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  t.true(metrics.body.toString().includes('scree_tracker_peers{state="leecher"} 1\n'));
  t.is((await get(`http://127.0.0.1:${port}/elsewhere`)).status, 404);
  t.is((await get(`http://127.0.0.1:${port}/stats`, { method: 'DELETE' })).status, 405);
});

test('who has the page open is sent it anew, while others get their answers', async (t) => {
  const { port } = await startTracker(t);
  const answer = await fetch(`http://127.0.0.1:${port}/stats/events`);
  t.is(answer.headers.get('content-type'), 'text/event-stream');
  const events = readEvents(answer);
  t.false((await nextPage(events)).includes('7001'));
  await announce(port, { port: 7001 });
  let page = '';
  while (!page.includes('127.0.0.1:7001')) page = await nextPage(events);
  t.true(page.startsWith('<!doctype html>'));
  t.is((await get(`http://127.0.0.1:${port}/stats/events`, { method: 'HEAD' })).body.length, 0);
  await events.return?.(undefined);
});

test('the figures are for the networks and for this machine itself', async (t) => {
  const { port, tracker } = await startTracker(t, { networks: ['10.1.0.0/16'] });
  t.is((await get(`http://127.0.0.1:${port}/stats.json`)).status, 200);
  t.true(tracker.mayReadStats('::ffff:10.1.2.3'));
  t.false(tracker.mayReadStats('10.2.0.1'));
  t.false(tracker.mayReadStats(undefined));
});

test('two trackers do not share a port, and the second says so', async (t) => {
  const { port } = await startTracker(t);
  const error = await t.throwsAsync(startTrackerOn(t, port), { code: 'cannot-listen' });
  t.true(error?.message.includes(`127.0.0.1:${port}`));
});

test('any bytes instead of a request leave the tracker as it was', async (t) => {
  const { port } = await startTracker(t);
  const start = fc.constantFrom('', 'GET ', 'GET /announce?', 'POST /announce HTTP/1.1\r\n');
  const input = fc.tuple(start, fc.uint8Array({ maxLength: 2_000, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(input, async ([text, bytes]) => {
      const socket = await open(t, port);
      socket.end(Buffer.concat([Buffer.from(text), bytes, Buffer.from('\r\n\r\n')]));
      await closed(socket);
    }),
    { numRuns: 100 },
  );
  t.is((await announce(port)).incomplete, 1);
});

test('a URL or headers of any length are cut off, not kept', async (t) => {
  const { port } = await startTracker(t);
  for (const head of ['GET /announce?', 'GET / HTTP/1.1\r\nx: ']) {
    const socket = await open(t, port);
    socket.write(head);
    const chunk = Buffer.alloc(64 * 1024, 'a');
    let sentBytes = 0;
    while (!socket.destroyed && sentBytes < 16 * 1024 * 1024) {
      sentBytes += chunk.length;
      socket.write(chunk);
      await sleep(1);
    }
    t.true(socket.destroyed, `took ${sentBytes} bytes`);
  }
  t.is((await announce(port)).incomplete, 1);
});

test('whoever sends a request a byte at a time is cut off', async (t) => {
  const { port } = await startTracker(t);
  const socket = await open(t, port);
  const request = `GET /announce?${announceQuery()} HTTP/1.1\r\n`;
  let sent = 0;
  const drip = setInterval(() => socket.write(request[sent++ % request.length] ?? ''), 200);
  t.teardown(() => clearInterval(drip));
  const cut = closed(socket).then(() => 'cut off');
  t.is(await Promise.race([cut, sleep(20_000, 'still there', { ref: false })]), 'cut off');
});

test('silent connections do not keep others out for long', async (t) => {
  const { port } = await startTracker(t);
  const sockets: Socket[] = [];
  // In parts that the kernel's queue of new connections holds.
  for (let part = 0; part < 11; part += 1) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(t, port)))));
  }
  await Promise.race([Promise.all(sockets.map(closed)), sleep(20_000, undefined, { ref: false })]);
  t.is(sockets.filter((socket) => !socket.destroyed).length, 0);
  t.is((await announce(port)).incomplete, 1);
});

test('a tracker closes at once, whoever is still connected', async (t) => {
  const { port, tracker } = await startTracker(t);
  const socket = await open(t, port);
  await tracker.close();
  await closed(socket);
  await t.throwsAsync(get(`http://127.0.0.1:${port}/healthz`), { code: 'ECONNREFUSED' });
});

async function startTrackerOn(t: ExecutionContext, port: number): Promise<void> {
  const { createTracker } = await import('../../src/tracker/main.ts');
  const { silentLog } = await import('../../src/runtime/log.ts');
  const { createCatalog } = await import('./tracker-fixture.ts');
  const deps = { log: silentLog, catalog: createCatalog([]) };
  const tracker = createTracker(deps, { listen: { host: '127.0.0.1', port }, networks: [] });
  t.teardown(tracker.close);
  await tracker.start();
}

async function open(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

async function* readEvents({ body }: Response): AsyncGenerator<string> {
  let rest = '';
  if (body === null) return;
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    yield* parts.flatMap((part) => (part.startsWith('data: ') ? [part.slice(6)] : []));
  }
}

async function nextPage(events: AsyncGenerator<string>): Promise<string> {
  return JSON.parse(String((await events.next()).value));
}
