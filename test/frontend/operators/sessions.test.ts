import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createIdentify } from '../../../src/frontend/operators/identify.ts';
import { isOfOwnPage } from '../../../src/frontend/operators/own-page.ts';
import { createSessions } from '../../../src/frontend/operators/sessions.ts';
import { hashToken } from '../../../src/frontend/operators/token-form.ts';
import { createTokenStore } from '../../../src/frontend/operators/token-store.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { openNodesDatabase } from '../nodes/fixture.ts';

const by = { who: 'local', scope: 'admin', address: undefined } as const;
const host = '10.1.1.1';

function setUp(t: ExecutionContext) {
  const clock = { ms: 1_000_000 };
  const nowMs = () => clock.ms;
  const tokens = createTokenStore({ database: openNodesDatabase(t, ':memory:'), nowMs });
  const sessionsOf = (key: number) =>
    createSessions({ tokens, nowMs }, { key: Buffer.alloc(32, key) });
  const sessions = sessionsOf(1);
  const { log } = createCollectingLog();
  const identify = createIdentify({
    ...{ log, tokens, sessions, nowMs },
    isLocal: ({ socket }) => socket.remoteAddress === '127.0.0.1',
  });
  const ask = (headers: Readonly<Record<string, string>>, address = '10.1.1.7') => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: address });
    const request = new IncomingMessage(socket);
    Object.assign(request.headers, { host }, headers);
    return identify(request);
  };
  const { secret } = tokens.create({ name: 'ann', scope: 'boot', expiresInMs: 3_600_000 }, by);
  const tokenHash = hashToken(secret).toString('hex');
  const cookieOf = (setCookie: string) => setCookie.split(';')[0] ?? '';
  return { clock, tokens, sessions, sessionsOf, ask, secret, tokenHash, cookieOf };
}

test('a browser that has signed in is its token, after a restart of the frontend, too', (t) => {
  const { sessions, sessionsOf, ask, tokenHash, cookieOf } = setUp(t);
  const cookie = cookieOf(sessions.open(tokenHash));
  const operator = { who: 'token:ann', scope: 'boot', address: '10.1.1.7' };
  const untilMs = 1_000_000 + 12 * 3_600_000;
  t.deepEqual(ask({ cookie }), { kind: 'operator', operator, tokenHash, untilMs });
  t.like(ask({ cookie: `a=b; ${cookie}; c=d` }), { kind: 'operator' });
  t.is(sessionsOf(1).find(cookie)?.token.name, 'ann');
  t.is(sessionsOf(2).find(cookie), undefined);
});

test('the cookie holds no token, and no script and no other site gets at it', (t) => {
  const { sessions, secret, tokenHash } = setUp(t);
  const cookie = sessions.open(tokenHash);
  t.false(cookie.includes(secret.slice(6)));
  t.regex(cookie, /; HttpOnly(;|$)/);
  t.regex(cookie, /; SameSite=Strict(;|$)/);
  t.regex(sessions.close(), /^scree-session=; Max-Age=0; Path=\/api\/v1;/);
});

test('a session ends with its token, and after twelve hours', (t) => {
  const { clock, tokens, sessions, ask, tokenHash, cookieOf } = setUp(t);
  const cookie = cookieOf(sessions.open(tokenHash));
  clock.ms += 3_599_999;
  t.is(ask({ cookie }).kind, 'operator');
  clock.ms += 1;
  t.like(ask({ cookie }), { kind: 'refused', status: 401 });
  const lasting = tokens.create({ name: 'bob', scope: 'read', expiresInMs: undefined }, by);
  const long = cookieOf(sessions.open(hashToken(lasting.secret).toString('hex')));
  clock.ms += 12 * 3_600_000 - 1;
  t.is(ask({ cookie: long }).kind, 'operator');
  clock.ms += 1;
  t.like(ask({ cookie: long }), { kind: 'refused', status: 401 });
  const again = cookieOf(sessions.open(hashToken(lasting.secret).toString('hex')));
  tokens.revokeAll(['bob'], by);
  t.like(ask({ cookie: again }), { kind: 'refused', status: 401 });
});

test('what was changed in a cookie is found out', (t) => {
  const { sessions, ask, tokenHash, cookieOf } = setUp(t);
  const cookie = cookieOf(sessions.open(tokenHash));
  const last = cookie.endsWith('0') ? '1' : '0';
  const changed = [
    cookie.replace(/\.\d+\./, '.999999999999999.'),
    cookie.replace(/=[\da-f]{4}/, '=0000'),
    `${cookie.slice(0, -1)}${last}`,
    cookie.slice(0, -1),
    'scree-session=',
  ];
  for (const each of changed) t.like(ask({ cookie: each }), { kind: 'refused', code: 'no-token' });
});

test('a session drives nothing for a page of another site', (t) => {
  const { sessions, ask, tokenHash, cookieOf } = setUp(t);
  const cookie = cookieOf(sessions.open(tokenHash));
  const refused = { kind: 'refused', status: 403, code: 'other-site' };
  t.is(ask({ cookie, origin: 'http://10.1.1.1' }).kind, 'operator');
  for (const origin of ['http://10.1.1.2', 'http://10.1.1.1:8080', 'http://evil.example', 'null']) {
    t.like(ask({ cookie, origin }), refused);
    t.like(ask({ origin, host: '127.0.0.1' }, '127.0.0.1'), refused, 'on this machine');
  }
  t.like(ask({ cookie, 'sec-fetch-site': 'same-site' }), refused);
});

test('the page itself is told from others by its host and port', (t) => {
  t.true(isOfOwnPage({ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }));
  t.true(isOfOwnPage({ host: 'Frontend', origin: 'http://frontend' }));
  t.true(isOfOwnPage({ host: 'scree.example', origin: 'https://scree.example' }));
  t.true(isOfOwnPage({ host: 'a' }));
  t.false(isOfOwnPage({ origin: 'http://a' }));
  t.false(isOfOwnPage({ host: 'a', origin: 'http://a:81' }));
  t.false(isOfOwnPage({ host: 'a', origin: 'nonsense' }));
});
