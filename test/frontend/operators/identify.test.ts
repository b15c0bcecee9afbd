import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { FailedAttempts } from '../../../src/frontend/operators/attempts.ts';
import { createIdentify } from '../../../src/frontend/operators/identify.ts';
import { isOwnHost } from '../../../src/frontend/operators/own-host.ts';
import { hashToken, makeToken } from '../../../src/frontend/operators/token-form.ts';
import { createTokenStore } from '../../../src/frontend/operators/token-store.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { openNodesDatabase } from '../nodes/fixture.ts';

const by = { who: 'local', scope: 'admin', address: undefined } as const;

function setUp(t: ExecutionContext) {
  const clock = { ms: 0 };
  const { log, lines } = createCollectingLog();
  const database = openNodesDatabase(t, ':memory:');
  const tokens = createTokenStore({ database, nowMs: () => clock.ms });
  const identify = createIdentify({
    ...{ log, tokens, nowMs: () => clock.ms, clockMs: () => clock.ms },
    isLocal: ({ socket }) => socket.remoteAddress === '127.0.0.1',
  });
  const ask = (address: string, headers: Readonly<Record<string, string>> = {}) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: address });
    const request = new IncomingMessage(socket);
    Object.assign(request.headers, headers);
    return identify(request);
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return { clock, lines, tokens, ask, bearer };
}

test('who has no token is an operator on this machine only', (t) => {
  const { ask } = setUp(t);
  t.deepEqual(ask('127.0.0.1'), {
    kind: 'operator',
    operator: { who: 'local', scope: 'admin', address: '127.0.0.1' },
  });
  t.like(ask('10.1.1.7'), { kind: 'refused', status: 401, code: 'no-token' });
});

test('a token says who it is and what may be done, from wherever it comes', (t) => {
  const { tokens, ask, bearer } = setUp(t);
  const { secret } = tokens.create({ name: 'ci', scope: 'boot', expiresInMs: undefined }, by);
  for (const address of ['10.1.1.7', '127.0.0.1']) {
    const operator = { who: 'token:ci', scope: 'boot', address };
    const tokenHash = hashToken(secret).toString('hex');
    t.deepEqual(ask(address, bearer(secret)), { kind: 'operator', operator, tokenHash });
    t.like(ask(address, bearer(makeToken())), { status: 401, code: 'bad-token' });
    t.like(ask(address, { authorization: 'Basic YTpi' }), { status: 401, code: 'bad-token' });
  }
  tokens.revokeAll(['ci'], by);
  t.like(ask('10.1.1.7', bearer(secret)), { status: 401, code: 'bad-token' });
});

test('a token is good until the moment at which it expires', (t) => {
  const { clock, tokens, ask, bearer } = setUp(t);
  const { secret } = tokens.create({ name: 'ci', scope: 'read', expiresInMs: 3_600_000 }, by);
  clock.ms = 3_599_999;
  t.is(ask('10.1.1.7', bearer(secret)).kind, 'operator');
  clock.ms = 3_600_000;
  t.like(ask('10.1.1.7', bearer(secret)), { status: 401, code: 'expired' });
});

test('after ten wrong tokens in a minute an address has to wait, but a good one is let in', (t) => {
  const { clock, tokens, ask, bearer } = setUp(t);
  const { secret } = tokens.create({ name: 'ci', scope: 'read', expiresInMs: undefined }, by);
  for (let at = 0; at < 10; at += 1) {
    t.like(ask('10.1.1.7', bearer(makeToken())), { status: 401 });
    // What is right does not count, and neither does asking without any.
    t.is(ask('10.1.1.7', bearer(secret)).kind, 'operator');
    t.like(ask('10.1.1.7'), { status: 401, code: 'no-token' });
  }
  clock.ms = 45_000;
  const refused = { status: 429, code: 'too-many-attempts', retryAfterSeconds: 15 };
  t.like(ask('10.1.1.7', bearer(makeToken())), refused);
  t.is(ask('10.1.1.7', bearer(secret)).kind, 'operator');
  t.like(ask('10.1.1.8', bearer(makeToken())), { status: 401 });
  clock.ms = 60_000;
  t.like(ask('10.1.1.7', bearer(makeToken())), { status: 401 });
});

test('wrong tokens are logged, with the address and without the token', (t) => {
  const { lines, ask, bearer } = setUp(t);
  const wrong = makeToken();
  for (let at = 0; at < 100; at += 1) ask('10.1.1.7', bearer(wrong));
  const refused = lines.filter(({ event }) => event === 'token refused');
  t.is(refused.length, 10);
  t.deepEqual(refused[0]?.fields, { ip: '10.1.1.7', reason: 'bad-token' });
  t.false(JSON.stringify(lines).includes(wrong.slice(6)));
});

test('a page of another site that a browser on this machine shows is no operator', (t) => {
  const { ask } = setUp(t);
  const refused = { kind: 'refused', status: 403, code: 'other-site' };
  t.like(ask('127.0.0.1', { 'sec-fetch-site': 'cross-site' }), refused);
  t.like(ask('127.0.0.1', { 'sec-fetch-site': 'same-site' }), refused);
  t.like(ask('127.0.0.1', { host: 'rebound.example.com' }), refused);
  t.is(ask('127.0.0.1', { 'sec-fetch-site': 'same-origin', host: 'localhost' }).kind, 'operator');
  t.is(ask('127.0.0.1', { 'sec-fetch-site': 'none', host: '127.0.0.1:80' }).kind, 'operator');
});

test('the names of this machine are told from those of other sites', (t) => {
  const own = ['127.0.0.1', '10.1.1.1:80', '[::1]:8080', '[::1]', 'localhost:80', 'LOCALHOST'];
  for (const host of [...own, 'a.localhost', `${hostname()}:80`, '', undefined]) {
    t.true(isOwnHost(host), host);
  }
  const others = ['example.com', 'example.com:80', '127.0.0.1.example.com', 'localhost.evil'];
  // What machines of the network may call themselves.
  for (const host of [...others, 'compute-0-0']) {
    t.false(isOwnHost(host), host);
  }
});

test('failures of ever so many addresses take no more memory, and none of them may go on', (t) => {
  let nowMs = 0;
  const attempts = new FailedAttempts(() => nowMs, { perMinute: 2 });
  for (let at = 0; at < 10_000; at += 1) attempts.note(`10.${at >> 8}.${at & 255}.1`);
  t.is(attempts.waitMs('10.0.0.1'), 0);
  t.is(attempts.waitMs('10.39.0.1'), 60_000);
  nowMs = 61_000;
  t.is(attempts.waitMs('10.39.0.1'), 0);
});
