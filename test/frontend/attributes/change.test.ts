import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { AttributeError } from '../../../src/frontend/attributes/errors.ts';
import { createAttributes } from '../../../src/frontend/attributes/main.ts';
import { createAttributeStore } from '../../../src/frontend/attributes/store.ts';
import {
  formatAttributeValue,
  parseAttributeValue,
} from '../../../src/frontend/attributes/words.ts';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';

const seen = (name: string, value: string) => ({ name, value, isSeen: true });
const global = { kind: 'global' } as const;

async function setUp(t: ExecutionContext) {
  const state = await temporaryFolder(t);
  const { store, database } = await openStore(t, join(state, 'scree.db'));
  for (let at = 0; at < 4; at += 1) store.add({ name: `compute-0-${at}`, macs: [macOf(at)] });
  const httpListen = { host: '10.1.1.1', port: 80 };
  return { store, database, attributes: createAttributes({ state, httpListen }) };
}

test('attributes are set for a scope or for each node of a selection, and taken away again', async (t) => {
  const { attributes, database } = await setUp(t);
  const order = { entries: [seen('disk', 'sda'), seen('swap', 'none')], isSecret: false };
  t.like(attributes.set(global, order), { written: 2 });
  const nodes = { kind: 'node', selection: ['compute-0-[1-2]'] } as const;
  t.like(attributes.set(nodes, { entries: [seen('disk', 'sdb')], isSecret: false }), {
    written: 2,
  });
  const disks = attributes.resolve(['all']).map((each) => each.attributes.get('disk')?.value);
  t.deepEqual(disks, ['sda', 'sdb', 'sdb', 'sda']);
  t.deepEqual(
    attributes.list(nodes).map(({ scope, target, value }) => [scope, target, value]),
    [
      ['node', 'compute-0-1', 'sdb'],
      ['node', 'compute-0-2', 'sdb'],
    ],
  );
  t.is(attributes.unset({ kind: 'node', selection: ['all'] }, ['disk']), 2);
  t.is(createAttributeStore({ database }).layers().all.length, 2);
});

test('nothing is changed where one of the names or values is wrong', async (t) => {
  const { attributes } = await setUp(t);
  attributes.set(global, { entries: [seen('disk', 'sda')], isSecret: false });
  const before = attributes.list(undefined);
  const good = seen('swap', '1');
  const set = (entry: ReturnType<typeof seen>) => () =>
    attributes.set(global, { entries: [good, entry], isSecret: false });
  t.throws(set(seen('Disk', 'x')), { instanceOf: AttributeError, code: 'bad-name' });
  t.throws(set(seen('rack', '1')), { code: 'built-in' });
  t.throws(set(seen('disk', '\0')), { code: 'bad-value' });
  t.throws(() => attributes.unset(global, ['disk', 'dissk']), {
    code: 'not-set',
    message: "expected an attribute that is set for all, got 'dissk'; did you mean 'disk'?",
  });
  const nobody = { kind: 'node', selection: ['compute-0-0', 'nobody'] } as const;
  t.throws(() => attributes.set(nobody, { entries: [good], isSecret: false }), {
    instanceOf: NodesError,
    code: 'unknown',
  });
  t.throws(() => attributes.list({ kind: 'rack', target: 'two' }), { code: 'bad-scope' });
  t.deepEqual(attributes.list(undefined), before);
});

test('a secret is shown nowhere, and its name is secret in every scope', async (t) => {
  const { attributes } = await setUp(t);
  const password = { name: 'password', value: 'hunter2', isSeen: false };
  attributes.set(
    { kind: 'node', selection: ['compute-0-0'] },
    { entries: [password], isSecret: true },
  );
  t.throws(() => attributes.set(global, { entries: [seen('password', 'x')], isSecret: false }), {
    code: 'seen-secret',
    message: /^expected the value of 'password', which is secret, from stdin or a file, got/,
  });
  // Of a secret that only a profile declares.
  const hash = { entries: [seen('root-password-hash', 'x')], isSecret: false };
  t.throws(() => attributes.set(global, hash), { code: 'seen-secret' });
  attributes.set(global, { entries: [{ ...password, value: 'hunter3' }], isSecret: false });
  const hosts = attributes.resolve(['all']);
  t.is(hosts[0]?.attributes.get('password')?.value, 'hunter2');
  const shown = [
    JSON.stringify(attributes.list(undefined)),
    JSON.stringify(hosts.map(attributes.document)),
    attributes.xml(hosts),
  ];
  t.deepEqual(
    shown.filter((text) => /hunter/.test(text)),
    [],
  );
  t.is(attributes.list(undefined).filter(({ value }) => value === '(secret)').length, 2);
});

test('every text, truth value and list is written as a word that means it', (t) => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', size: 'max', maxLength: 40 }),
    fc.constantFrom(
      ...['', 'yes', 'no', 'true', '12', '-1.5', '"', '"a"', '[]', '["a"]', '@x', ' a '],
    ),
  );
  const value = fc.oneof(
    texts,
    fc.boolean(),
    fc.integer(),
    fc.array(texts, { size: 'max', maxLength: 10 }),
  );
  const property = fc.property(value, (each) => {
    t.deepEqual(parseAttributeValue(formatAttributeValue(each)), each);
  });
  t.notThrows(() => fc.assert(property));
});
