import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  createOpenStreams,
  type OpenStreamsConfig,
} from '../../../src/frontend/http/open-streams.ts';
import { createTokenStore } from '../../../src/frontend/operators/token-store.ts';
import { DatabaseError } from '../../../src/runtime/database.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { openEventSource } from '../../support/event-source.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openNodesDatabase } from '../nodes/fixture.ts';
import { serveApi } from './api/api-fixture.ts';

const by = { who: 'local', scope: 'admin', address: undefined } as const;

/** Streams that say nothing, of whoever the header `who` names. */
async function serve(t: ExecutionContext, config: OpenStreamsConfig = {}) {
  const good = { hashes: new Set<string>(), isBroken: false };
  const { log, lines } = createCollectingLog();
  const goodHashes = () => {
    if (good.isBroken) throw new DatabaseError('unusable', 'expected a database');
    return good.hashes;
  };
  const clock = { ms: 0 };
  const streams = createOpenStreams({ log, tokens: { goodHashes }, nowMs: () => clock.ms }, config);
  const server = createServer(({ headers }, response) => {
    const who = String(headers.who ?? 'local');
    const tokenHash = who === 'local' ? undefined : who;
    const untilMs = Number(headers.until ?? Infinity);
    const refusal = streams.admit(response, { who: `token:${who}`, tokenHash, untilMs });
    if (refusal !== undefined) return void response.writeHead(429).end(refusal);
    response.writeHead(200).write(': begun\n\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const open = async (who = 'local', until = 'Infinity') => {
    if (who !== 'local') good.hashes.add(who);
    const request = get({ host: '127.0.0.1', port, headers: { who, until }, agent: false });
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response === undefined) throw new Error('expected a response, got none');
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', () => {});
    const ended = new Promise<string>((resolve) => {
      response.once('close', () => resolve(text));
    });
    return { status: response.statusCode, ended, leave: () => response.destroy() };
  };
  return { streams, good, lines, clock, open };
}

test('a stream ends when its token does, and says so; others go on', async (t) => {
  const { good, lines, open } = await serve(t, { checkEveryMs: 20 });
  const [gone, other, local] = [await open('a'), await open('b'), await open()];
  good.hashes.delete('a');
  t.is(
    await gone.ended,
    ': begun\n\n: the token was revoked, or it or the session has expired\n\n',
  );
  t.deepEqual(
    lines.map(({ event, fields }) => [event, fields]),
    [['stream ended', { token: 'a', reason: 'its token has ended' }]],
  );
  const others = Promise.race([other.ended, local.ended]).then(() => 'ended');
  t.is(await Promise.race([others, delay(150, 'open')]), 'open');
});

test('a stream ends with the session of its browser, and its token goes on elsewhere', async (t) => {
  const { clock, lines, open } = await serve(t, { checkEveryMs: 20 });
  const [browser, program] = [await open('a', '5000'), await open('a')];
  clock.ms = 4_999;
  t.is(await Promise.race([browser.ended, delay(100, 'open')]), 'open');
  clock.ms = 5_000;
  t.regex(await browser.ended, /the session has expired/);
  t.is(lines[0]?.fields?.reason, 'its session has ended');
  t.is(await Promise.race([program.ended, delay(100, 'open')]), 'open');
});

test('where tokens cannot be looked at, none is good', async (t) => {
  const { good, streams, open } = await serve(t, { checkEveryMs: 60_000 });
  const [one, local] = [await open('a'), await open()];
  good.isBroken = true;
  streams.check();
  t.regex(await one.ended, /revoked, or it or the session has expired/);
  t.is(await Promise.race([local.ended, delay(50, 'open')]), 'open');
});

test('so many may be open: of a token, of tokens, and in all; one that leaves makes room', async (t) => {
  const { open } = await serve(t, { perToken: 2, byTokens: 3, inAll: 4 });
  const first = await open('a');
  const rest = [await open('a'), await open('a'), await open('b'), await open('c')];
  t.deepEqual(
    rest.map(({ status }) => status),
    [200, 429, 200, 429],
  );
  t.regex((await rest[1]?.ended) ?? '', /^expected at most 2 open event streams of one token/);
  t.regex((await rest[3]?.ended) ?? '', /^expected at most 3 open event streams of tokens/);
  // However many tokens there are, they leave room for who sits at the machine.
  t.is((await open()).status, 200);
  const tooMuch = await open();
  t.is(tooMuch.status, 429);
  t.regex(await tooMuch.ended, /^expected at most 4 open event streams, got one more/);
  first.leave();
  let status: number | undefined = 429;
  while (status === 429) ({ status } = await open('c'));
  t.is(status, 200);
});

const paths = ['/events', '/nodes/a/events?follow', '/installs/follow'];

test('by the API: a token that is revoked has no stream any more when that is answered', async (t) => {
  const { nodes, port, call } = await serveApi(t);
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const { secret } = nodes.tokens.create({ name: 'ci', scope: 'read', expiresInMs: undefined }, by);
  const headers = { authorization: `Bearer ${secret}` };
  const sources = await Promise.all(
    paths.map((path) => openEventSource({ port, path: `/api/v1${path}`, headers })),
  );
  t.deepEqual(
    sources.map(({ response }) => response.statusCode),
    [200, 200, 200],
  );
  const local = await openEventSource({ port, path: '/api/v1/events' });
  const startedAtMs = performance.now();
  t.is((await call('DELETE', '/tokens/ci')).status, 200);
  for (const { more } of sources) while (await more());
  t.true(performance.now() - startedAtMs < 10_000);
  nodes.events.record({ machine: 'a', event: 'x', text: 'secret news' });
  const told = await local.next();
  t.true(told.data.includes('secret news'));
  const again = await openEventSource({ port, path: '/api/v1/events', headers });
  t.is(again.response.statusCode, 401);
});

test('a token that a command revokes, or that expires, loses its streams too', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const { nodes, port } = await serveApi(t, { database: path });
  const theirs = createTokenStore({ database: openNodesDatabase(t, path) });
  for (const how of ['revoked', 'made anew', 'expired'] as const) {
    const ageMs = how === 'expired' ? 60_000 - 300 : 0;
    const store = createTokenStore({
      database: openNodesDatabase(t, path),
      nowMs: () => Date.now() - ageMs,
    });
    const { secret } = store.create(
      { name: how.slice(0, 4), scope: 'read', expiresInMs: 60_000 },
      by,
    );
    const headers = { authorization: `Bearer ${secret}` };
    const source = await openEventSource({ port, path: '/api/v1/events', headers });
    t.is(source.response.statusCode, 200);
    if (how !== 'expired') theirs.revokeAll([how.slice(0, 4)], by);
    if (how === 'made anew') {
      theirs.create({ name: how.slice(0, 4), scope: 'read', expiresInMs: undefined }, by);
    }
    while (await source.more());
    t.true(source.parser.commentCount > 0, how);
  }
  t.is(nodes.tokens.list().length, 2);
});

test('by the API: too many streams of a token are refused with a code, others are not', async (t) => {
  const { nodes, port, call } = await serveApi(t);
  const tokens = ['a', 'b'].map(
    (name) => nodes.tokens.create({ name, scope: 'read', expiresInMs: undefined }, by).secret,
  );
  const open = (secret = '') =>
    openEventSource({
      ...{ port, path: '/api/v1/installs/follow' },
      headers: { authorization: `Bearer ${secret}` },
    });
  for (let at = 0; at < 16; at += 1) t.is((await open(tokens[0])).response.statusCode, 200);
  const refused = await call('GET', '/events', { token: tokens[0] ?? '' });
  t.like(refused, { status: 429, body: { code: 'too-many-streams' } });
  t.is(refused.headers['retry-after'], '5');
  t.is((await open(tokens[1])).response.statusCode, 200);
  t.is((await call('GET', '/nodes', { token: tokens[0] ?? '' })).status, 200);
});
