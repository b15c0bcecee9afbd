import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  createEventStreams,
  type EventStreamsConfig,
} from '../../../../src/frontend/http/api/event-streams.ts';
import { createEventLog } from '../../../../src/frontend/nodes/event-log.ts';
import { silentLog } from '../../../../src/runtime/log.ts';
import {
  EventStreamParser,
  openEventSource,
  type ServerSentEvent,
} from '../../../support/event-source.ts';
import { measureKeptBytes } from '../../../support/kept-memory.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { macOf, openNodesDatabase } from '../../nodes/fixture.ts';
import { serveApi } from './api-fixture.ts';

type Limits = { readonly perMachine?: number; readonly strangers?: number };

/** Streams of an event log of its own, on a port of its own. */
async function serve(
  t: ExecutionContext,
  config: EventStreamsConfig & Limits = {},
  place?: string,
) {
  const path = place ?? join(await temporaryFolder(t), 'scree.db');
  const database = openNodesDatabase(t, path);
  const limits = { perMachine: 200, strangers: 1024, ...config };
  const events = createEventLog({ database, log: silentLog }, limits);
  const streams = createEventStreams({ log: silentLog, events }, config);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const since = request.headers['last-event-id'] ?? url.searchParams.get('since');
    const machines = url.searchParams.getAll('machine');
    void streams.send(
      { request, response },
      {
        machines: machines.length === 0 ? undefined : machines,
        afterId: since === null ? undefined : Number(since),
      },
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const stop = async () => {
    events.close();
    server.closeAllConnections();
    server.close();
  };
  t.teardown(stop);
  const record = (machine: string, text: string) => events.record({ machine, event: 'x', text });
  const open = (path: string, lastEventId?: string) =>
    openEventSource({ port, path, ...(lastEventId === undefined ? {} : { lastEventId }) });
  return { path, port, events, database, stop, record, open };
}

const textOf = ({ data }: { readonly data: string }) => JSON.parse(data).text;

test('a stream tells what happens from now on, each event with its id', async (t) => {
  const { record, open } = await serve(t);
  record('a', 'before');
  const source = await open('/');
  t.is(source.response.headers['content-type'], 'text/event-stream');
  t.is(source.response.headers['cache-control'], 'no-store');
  // Before there is any event it is known already from where to go on.
  while (source.parser.lastEventId === '') await source.more();
  record('a', 'one');
  record(macOf(1), 'two');
  const events = [await source.next(), await source.next()];
  t.deepEqual(events.map(textOf), ['one', 'two']);
  t.is(source.parser.retryMs, 2_000);
  t.like(JSON.parse(events[0]?.data ?? ''), { id: Number(events[0]?.lastEventId), machine: 'a' });
  source.leave();
});

test('who comes back gets what came since, without a gap or a double', async (t) => {
  const { record, open, events } = await serve(t);
  const first = await open('/');
  record('a', '1');
  t.is(textOf(await first.next()), '1');
  const { lastEventId } = first.parser;
  first.leave();
  for (let at = 2; at <= 700; at += 1) record(`n${at % 7}`, String(at));
  events.read(['a']);
  for (const source of [await open('/', lastEventId), await open(`/?since=${lastEventId}`)]) {
    const texts: string[] = [];
    while (texts.length < 699) texts.push(textOf(await source.next()));
    t.deepEqual(
      texts,
      Array.from({ length: 699 }, (_, at) => String(at + 2)),
    );
    record('a', 'live');
    t.is(textOf(await source.next()), 'live');
    source.leave();
  }
});

test('a client that was told of nothing yet goes on from where it began', async (t) => {
  const { record, open, stop, path } = await serve(t);
  record('a', 'before');
  const source = await open('/');
  while (source.parser.lastEventId === '') await source.more();
  const { lastEventId } = source.parser;
  record('a', 'while it was away');
  await stop();
  const again = await serve(t, {}, path);
  const resumed = await again.open('/', lastEventId);
  t.is(textOf(await resumed.next()), 'while it was away');
  again.record('a', 'after');
  t.is(textOf(await resumed.next()), 'after');
});

test('over many restarts and lost connections every event comes once, in order', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  let lastEventId = '0';
  let written = 0;
  const told: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const { record, open, stop } = await serve(t, {}, path);
    for (let at = 0; at < 15; at += 1) record('a', String(written + at));
    written += 15;
    const source = await open('/', lastEventId);
    for (let at = 0; at < 7 + round; at += 1) {
      const event = await source.next();
      told.push(textOf(event));
      lastEventId = event.lastEventId;
    }
    if (round % 2 === 0) source.leave();
    await stop();
  }
  const { open } = await serve(t, {}, path);
  const source = await open('/', lastEventId);
  while (told.length < written) told.push(textOf(await source.next()));
  t.deepEqual(
    told,
    Array.from({ length: written }, (_, at) => String(at)),
  );
});

test('a stream of some machines goes on by them alone', async (t) => {
  const { record, open } = await serve(t);
  record('a', 'one');
  record('b', 'other');
  record(macOf(1), 'two');
  const source = await open(`/?since=0&machine=a&machine=${macOf(1)}`);
  record('b', 'other');
  record('a', 'three');
  const texts = [await source.next(), await source.next(), await source.next()].map(textOf);
  t.deepEqual(texts, ['one', 'two', 'three']);
});

test('who was away for so long that events have gone is told so', async (t) => {
  const { record, open, events } = await serve(t, { perMachine: 4 });
  record('quiet', 'first');
  for (let at = 0; at < 100; at += 1) record('loud', String(at));
  events.read(['loud']);
  const source = await open('/?since=3');
  const gap = await source.next();
  t.is(gap.type, 'gap');
  t.deepEqual(JSON.parse(gap.data), { afterId: 3 });
  t.regex(textOf(await source.next()), /^9\d$/);
  t.is((await (await open('/?since=3&machine=loud')).next()).type, 'gap');
  const quiet = await open('/?since=0&machine=quiet');
  t.like(await quiet.next(), { type: 'message' });
  const recent = await open(`/?since=${events.lastId() - 1}`);
  t.is(textOf(await recent.next()), '99');
});

test('an id of another database is a gap, and not for ever', async (t) => {
  const { record, open, events } = await serve(t);
  record('a', 'one');
  events.read(['a']);
  const source = await open('/', '999999');
  t.is((await source.next()).type, 'gap');
  record('a', 'two');
  t.is(textOf(await source.next()), 'two');
});

test('a silent stream has a heart that beats', async (t) => {
  const { open } = await serve(t, { heartbeatMs: 30 });
  const source = await open('/');
  while (source.parser.commentCount < 3) await source.more();
  t.true(source.parser.commentCount >= 3);
});

test.serial(
  'a client that reads nothing costs no memory, and what it missed waits for it',
  async (t) => {
    const { port, record, open, events } = await serve(t, { perMachine: 100_000, heartbeatMs: 20 });
    const request = get({ host: '127.0.0.1', port, path: '/?since=0', agent: false });
    const [response]: IncomingMessage[] = await once(request, 'response');
    response?.pause();
    const text = 'x'.repeat(500);
    for (let at = 0; at < 10_000; at += 1) record('a', `${at} ${text}`);
    events.read(['a']);
    await delay(300);
    const before = measureKeptBytes();
    for (let at = 0; at < 10_000; at += 1) record('a', `later ${at} ${text}`);
    events.read(['a']);
    await delay(300);
    const moreBytes = measureKeptBytes() - before;
    t.true(moreBytes < 3 * 1024 * 1024, `${moreBytes} bytes more`);
    request.destroy();
    const source = await open('/?since=0');
    t.regex(textOf(await source.next()), /^0 x/);
  },
);

test('what goes before a slow client has come to it is told as a gap, once', async (t) => {
  const { port, record, events } = await serve(t, { perMachine: 20_000 });
  const request = get({ host: '127.0.0.1', port, path: '/?since=0', agent: false });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('expected a response, got none');
  response.pause();
  const text = 'x'.repeat(500);
  const count = 20_000;
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < count; at += 1) record('a', `${at} ${text}`);
    events.read(['a']);
    await delay(200);
  }
  record('a', 'last');
  const parser = new EventStreamParser();
  const told: ServerSentEvent[] = [];
  for await (const chunk of response.setEncoding('utf8')) {
    told.push(...parser.push(String(chunk)));
    if (told.at(-1)?.data.includes('"last"')) break;
  }
  const [gap, ...others] = told.filter(({ type }) => type === 'gap');
  t.deepEqual(others, []);
  const at = gap === undefined ? 0 : told.indexOf(gap);
  t.true(at > 0);
  // It says after which event; those before came all.
  t.deepEqual(JSON.parse(gap?.data ?? ''), { afterId: Number(told[at - 1]?.lastEventId) });
  t.true(told.length < 2 * count);
});

test('by the API: all machines, one of them, and what is no id', async (t) => {
  const { port, nodes, call } = await serveApi(t);
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  nodes.events.record({ machine: 'a', event: 'x', text: 'one' });
  nodes.events.record({ machine: 'b', event: 'x', text: 'other' });
  nodes.events.read([]);
  const all = await openEventSource({ port, path: '/api/v1/events?since=0' });
  t.deepEqual([await all.next(), await all.next()].map(textOf), ['one', 'other']);
  const story = await openEventSource({ port, path: '/api/v1/nodes/a/events?follow' });
  t.is(textOf(await story.next()), 'one');
  nodes.events.record({ machine: 'a', event: 'x', text: 'two' });
  t.is(textOf(await story.next()), 'two');
  t.is(textOf(await all.next()), 'two');
  const { lastEventId } = story.parser;
  const path = '/api/v1/nodes/a/events?follow';
  const resumed = await openEventSource({ port, path, lastEventId });
  nodes.events.record({ machine: 'a', event: 'x', text: 'three' });
  t.is(textOf(await resumed.next()), 'three');
  for (const bad of ['x', '-1', '1e3', '99999999999999999']) {
    const { response } = await openEventSource({ port, path: '/api/v1/events', lastEventId: bad });
    t.is(response.statusCode, 400, bad);
  }
  t.is((await call('GET', '/nodes/none/events?follow')).status, 404);
});
