import test from 'ava';
import fc from 'fast-check';
import {
  hashToken,
  makeToken,
  parseExpiryMs,
  readAuthorization,
  readTokenName,
} from '../../../src/frontend/operators/token-form.ts';

test('each token is another, of 256 random bits behind a prefix that can be searched for', (t) => {
  const tokens = Array.from({ length: 100 }, makeToken);
  t.is(new Set(tokens).size, 100);
  for (const token of tokens) {
    t.regex(token, /^scree_[\w-]{43}$/);
    t.is(Buffer.from(token.slice('scree_'.length), 'base64url').length, 32);
    t.deepEqual(readAuthorization(`Bearer ${token}`), { kind: 'token', token });
    t.is(hashToken(token).length, 32);
  }
});

test('credentials of another kind are told from none', (t) => {
  t.deepEqual(readAuthorization(undefined), { kind: 'none' });
  const token = makeToken();
  t.deepEqual(readAuthorization(`bearer  ${token} `), { kind: 'token', token });
  for (const header of ['', 'Bearer', token, `Basic ${token}`, `Bearer ${token}x`, 'Bearer a b']) {
    t.deepEqual(readAuthorization(header), { kind: 'other' }, header);
  }
});

test('any header is read', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ size: 'max', maxLength: 2_000 }), (header) =>
        ['none', 'other', 'token'].includes(readAuthorization(header).kind),
      ),
    ),
  );
});

test('names of tokens are words; a token in the place of its name is not told back', (t) => {
  for (const name of ['grafana', 'CI-2', 'a.b_c', '7']) t.is(readTokenName(name), name);
  for (const name of ['', '-a', 'a b', 'ä', 'a/b', 'x'.repeat(64), '../x']) {
    t.throws(() => readTokenName(name), { code: 'bad-name' }, name);
  }
  const token = makeToken();
  const error = t.throws(() => readTokenName(token), { code: 'bad-name' });
  t.false(error?.message.includes(token.slice(0, 16)));
});

test('how long a token is good is written with its unit', (t) => {
  t.is(parseExpiryMs('90m'), 5_400_000);
  t.is(parseExpiryMs('12h'), 43_200_000);
  t.is(parseExpiryMs(' 30d '), 2_592_000_000);
  t.is(parseExpiryMs('2w'), 1_209_600_000);
  for (const text of ['', '30', 'd', '1.5d', '-1d', '0d', '4000d', '30 d', '1y', '999999999w']) {
    t.throws(() => parseExpiryMs(text), { code: 'bad-expiry' }, text);
  }
});
