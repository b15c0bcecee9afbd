import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readAudit } from '../../../src/frontend/audit/rows.ts';
import { createTokenStore } from '../../../src/frontend/operators/token-store.ts';
import type { Operator } from '../../../src/frontend/operators/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openNodesDatabase } from '../nodes/fixture.ts';

const by: Operator = { who: 'local:alice', scope: 'admin', address: undefined };

async function setUp(t: ExecutionContext, place?: string) {
  const path = place ?? join(await temporaryFolder(t), 'scree.db');
  const database = openNodesDatabase(t, path);
  const clock = { nowMs: 1_000_000 };
  const tokens = createTokenStore({ database, nowMs: () => clock.nowMs });
  const create = (name: string, expiresInMs?: number) =>
    tokens.create({ name, scope: 'boot', expiresInMs }, by);
  return { path, database, clock, tokens, create };
}

test('a token is found by what it is, by other processes at once, and after a restart', async (t) => {
  const { path, tokens, create } = await setUp(t);
  const { secret, ...token } = create('grafana', 86_400_000);
  t.deepEqual(token, {
    name: 'grafana',
    scope: 'boot',
    createdAtMs: 1_000_000,
    expiresAtMs: 87_400_000,
    lastUsedAtMs: undefined,
  });
  t.deepEqual(tokens.find(secret), token);
  t.is(tokens.find(`${secret.slice(0, -1)}!`), undefined);
  t.is(tokens.find(''), undefined);
  const { tokens: others } = await setUp(t, path);
  t.deepEqual(others.find(secret), token);
  others.revokeAll(['grafana'], by);
  t.is(tokens.find(secret), undefined);
});

test('what a token is stands nowhere: not in the database, not in a list, not in the audit log', async (t) => {
  const { database, tokens, create } = await setUp(t);
  const { secret } = create('grafana');
  tokens.revokeAll(['grafana'], by);
  create('other');
  const rows = ['operator_tokens', 'audit', 'audit_targets'].map((table) =>
    database.all(`SELECT * FROM ${table}`),
  );
  const text = JSON.stringify([rows, tokens.list()]);
  t.true(text.includes('grafana'));
  t.false(text.includes(secret.slice(6)));
  t.false(text.includes('scree_'));
});

test('names are taken once; many are revoked together or not at all', async (t) => {
  const { tokens, create } = await setUp(t);
  create('a');
  create('b');
  t.throws(() => create('a'), { code: 'taken' });
  t.throws(() => create('A b'), { code: 'bad-name' });
  t.throws(() => create('c', 1), { code: 'bad-expiry' });
  t.throws(() => tokens.revokeAll(['a', 'none'], by), { code: 'unknown' });
  t.deepEqual(
    tokens.list().map(({ name }) => name),
    ['a', 'b'],
  );
  t.is(tokens.revokeAll(['a', 'b', 'a'], by).length, 2);
  t.deepEqual(tokens.list(), []);
  t.truthy(create('a').secret);
});

test('there are at most 256', async (t) => {
  const { create } = await setUp(t);
  for (let at = 0; at < 256; at += 1) create(`t${at}`);
  t.throws(() => create('one-more'), { code: 'too-many' });
});

test('its use is noted once a minute', async (t) => {
  const { clock, tokens, create } = await setUp(t);
  const { secret } = create('a');
  const use = () => {
    const token = tokens.find(secret);
    if (token !== undefined) tokens.used(token);
    return tokens.list()[0]?.lastUsedAtMs;
  };
  t.is(use(), 1_000_000);
  clock.nowMs += 59_000;
  t.is(use(), 1_000_000);
  clock.nowMs += 2_000;
  t.is(use(), 1_061_000);
});

test('making and revoking are in the audit log, with who did it', async (t) => {
  const { database, tokens, create } = await setUp(t);
  create('a', 86_400_000);
  const fromElsewhere: Operator = { who: 'token:boss', scope: 'admin', address: '10.1.1.7' };
  tokens.revokeAll(['a'], fromElsewhere);
  const [last, first] = readAudit(database, { limit: 10 });
  t.like(first, {
    who: 'local:alice',
    address: undefined,
    action: 'token create',
    targets: ['a'],
    detail: { scope: 'boot', expires: '1970-01-02T00:16:40.000Z' },
  });
  t.like(last, {
    who: 'token:boss',
    address: '10.1.1.7',
    action: 'token revoke',
    targets: ['a'],
  });
});

test('a row that something else has written is told', async (t) => {
  const { database, tokens } = await setUp(t);
  database.run("INSERT INTO operator_tokens VALUES ('x', 'read', 'short', 0, NULL, NULL)");
  t.throws(() => tokens.list(), { code: 'unusable' });
});
