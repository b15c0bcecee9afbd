import test from 'ava';
import fc from 'fast-check';
import { AttributeError } from '../../../src/frontend/attributes/errors.ts';
import { layersOf, scopeKinds } from '../../../src/frontend/attributes/layers.ts';
import { resolveHost } from '../../../src/frontend/attributes/resolve.ts';
import { knownSecrets } from '../../../src/frontend/attributes/secrets.ts';
import { createAttributeStore } from '../../../src/frontend/attributes/store.ts';
import type { Attribute, AttributeScope } from '../../../src/frontend/attributes/types.ts';
import { builtInNames, parseAttributeValue } from '../../../src/frontend/attributes/words.ts';
import type { DeclaredAttribute, DeclaredProfile } from '../../../src/frontend/profiles/types.ts';
import { machine } from '../boot/fixture.ts';
import { macOf, openNodesDatabase, openStore } from '../nodes/fixture.ts';

const rocky: DeclaredProfile = {
  ...{ name: 'compute', output: 'kickstart', os: 'rocky9', tree: 'rocky9', description: '' },
  attributes: new Map([
    ['disk', declared('disk', { defaultValue: 'auto', isSecret: false, by: 'disk' })],
    ['root-password', declared('root-password', { isSecret: true, by: 'users' })],
  ]),
};
const node = machine({ name: 'compute-3-1', role: 'compute', rack: 3, rank: 1 });
const scopes: readonly AttributeScope[] = [
  { kind: 'global' },
  { kind: 'os', target: 'rocky9' },
  { kind: 'role', target: 'compute' },
  { kind: 'rack', target: '3' },
  { kind: 'node', target: 'compute-3-1' },
];

function declared(
  name: string,
  said: Pick<DeclaredAttribute, 'isSecret' | 'by'> & { readonly defaultValue?: string },
): DeclaredAttribute {
  const { defaultValue, isSecret, by } = said;
  const place = { file: `${by}.yaml`, line: 1 };
  return {
    ...{ name, type: 'text', defaultValue, isSecret, description: '', oneOf: undefined, by, place },
  };
}

function resolve(attributes: readonly Attribute[]) {
  const profile = (name: string) => (name === 'none' ? undefined : rocky);
  const layers = layersOf(attributes);
  const profiles = {
    list: () => [{ name: 'compute', file: 'compute.yaml', declared: rocky, problems: [] }],
  };
  const secrets = knownSecrets(layers, profiles);
  return resolveHost(node, { layers, profile, frontend: '10.1.1.1', secrets });
}

function attribute(scope: AttributeScope, name: string, value: Attribute['value']): Attribute {
  return { scope, name, value, isSecret: false };
}

test('the nearest scope that says something counts, and says where it comes from', (t) => {
  const picks = fc
    .subarray([...scopes])
    .chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));
  const property = fc.property(picks, (some) => {
    const given = some.map((scope) => attribute(scope, 'disk', scope.kind));
    const foreign = ['os', 'role', 'rack', 'node'].map((kind) =>
      attribute({ kind, target: '9' } as AttributeScope, 'disk', 'foreign'),
    );
    const found = resolve([...foreign, ...given]).attributes.get('disk');
    const nearest = scopeKinds.findLast((kind) => some.some((scope) => scope.kind === kind));
    return found?.value === (nearest ?? 'auto') && found.origin.kind === (nearest ?? 'profile');
  });
  t.notThrows(() => fc.assert(property));
});

test('what the node says itself cannot be said otherwise', (t) => {
  const given = [...builtInNames].map((name) => attribute({ kind: 'global' }, name, 'other'));
  const { attributes } = resolve(given);
  const values = [...attributes].map(([name, { value }]) => [name, value]);
  t.deepEqual(Object.fromEntries(values), {
    address: '10.77.0.20',
    disk: 'auto',
    frontend: '10.1.1.1',
    'frontend-url': 'http://10.1.1.1',
    mac: '52:54:00:ab:cd:01',
    macs: ['52:54:00:ab:cd:01'],
    name: 'compute-3-1',
    os: 'rocky9',
    profile: 'compute',
    rack: 3,
    rank: 1,
    role: 'compute',
    uuid: node.uuid,
  });
});

test('the profile is the role unless an attribute says otherwise, and never the operating system’s', (t) => {
  t.is(resolve([]).profile, 'compute');
  const set = [
    attribute({ kind: 'role', target: 'compute' }, 'profile', 'rocky9'),
    attribute({ kind: 'os', target: 'rocky9' }, 'profile', 'other'),
  ];
  const host = resolve(set);
  t.is(host.profile, 'rocky9');
  t.deepEqual(host.attributes.get('profile')?.origin, { kind: 'role', target: 'compute' });
  const without = resolve([attribute({ kind: 'node', target: 'compute-3-1' }, 'profile', 'none')]);
  t.like(without, { profile: 'none', os: undefined });
  t.false(without.attributes.has('disk'));
});

test('what is secret in one place is secret wherever it comes from', (t) => {
  const open = attribute({ kind: 'node', target: 'compute-3-1' }, 'root-password', 'x');
  t.true(resolve([open]).attributes.get('root-password')?.isSecret);
  const hidden = { ...attribute({ kind: 'global' }, 'api-key', 'y'), isSecret: true };
  const shown = attribute({ kind: 'rack', target: '3' }, 'api-key', 'z');
  t.like(resolve([hidden, shown]).attributes.get('api-key'), { value: 'z', isSecret: true });
});

test('changes are kept together or not at all, seen by other processes, and gone with the node', async (t) => {
  const { store, database, path } = await openStore(t);
  const attributes = createAttributeStore({ database });
  const other = createAttributeStore({ database: openNodesDatabase(t, path) });
  const scope = { kind: 'node', target: 'a' } as const;
  store.add({ name: 'a', macs: [macOf(1)] });
  attributes.change([
    { scope, name: 'disk', value: ['sda', 'sdb'], isSecret: true },
    { scope: { kind: 'global' }, name: 'time-zone', value: 'Europe/Berlin' },
  ]);
  t.is(other.layers().all.length, 2);
  t.is(other.layers(), other.layers());
  const wrong = [
    { scope, name: 'disk', value: 'sdc' },
    { scope, name: 'Disk', value: 'sdc' },
  ];
  t.throws(() => attributes.change(wrong), { instanceOf: AttributeError, code: 'bad-name' });
  t.throws(() => attributes.change([{ scope, name: 'role', value: 'x' }]), { code: 'built-in' });
  t.throws(() => attributes.change([{ scope, name: 'x', value: 'a\0' }]), { code: 'bad-value' });
  const badRack = { kind: 'rack', target: '01' } as const;
  t.throws(() => attributes.change([{ scope: badRack, name: 'x', value: 1 }]), {
    code: 'bad-scope',
  });
  t.deepEqual(attributes.layers().of(scope).get('disk')?.value, ['sda', 'sdb']);
  attributes.change([{ scope, name: 'disk', value: 'sdc' }]);
  t.like(other.layers().of(scope).get('disk'), { value: 'sdc', isSecret: true });
  attributes.change([{ scope: { kind: 'global' }, name: 'time-zone', value: undefined }]);
  t.deepEqual(
    other.layers().all.map(({ name }) => name),
    ['disk'],
  );
  store.remove('a');
  t.deepEqual(other.layers().all, []);
});

test('a word of the command line is what it looks like, and text where it is quoted', (t) => {
  const cases = new Map<string, unknown>([
    ['yes', true],
    ['false', false],
    ['12', 12],
    ['-1.5', -1.5],
    ['007', '007'],
    ['9.10', '9.10'],
    ['-0', '-0'],
    ['["a","b"]', ['a', 'b']],
    ['"12"', '12'],
    ['[1]', '[1]'],
    ['"', '"'],
    ['', ''],
    ['1e9', '1e9'],
    ['12345678901234567890', '12345678901234567890'],
  ]);
  for (const [text, value] of cases) t.deepEqual(parseAttributeValue(text), value, text);
  const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
    return parseAttributeValue(JSON.stringify(text)) === text;
  });
  t.notThrows(() => fc.assert(property));
});
