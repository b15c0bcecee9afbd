import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createAttributes } from '../../../src/frontend/attributes/main.ts';
import type { AttributeValue } from '../../../src/frontend/attributes/types.ts';
import { parseAttributeValue } from '../../../src/frontend/attributes/words.ts';
import { checkProfiles } from '../../../src/frontend/profiles/check.ts';
import { createProfiles } from '../../../src/frontend/profiles/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';
import { writeFiles } from '../profiles/fixture.ts';

const files = {
  'compute.yaml': `
output: kickstart
os: rocky9
tree: rocky9
include: [parts]
attributes:
  swap: { type: yes-no, default: true }
  mirrors: { type: list, default: [] }
  pin: { secret: true, one-of: ["1234", "5678"], default: "1234" }
`,
  'storage.yaml': `
output: kickstart
os: rocky8
tree: rocky8
attributes:
  layout: { type: number, default: 1 }
`,
  'fragments/parts.yaml': `
attributes:
  layout: { one-of: [plain, lvm], default: plain }
  size: { type: number, default: 4 }
  label: { default: "" }
`,
};

async function setUp(t: ExecutionContext) {
  const state = await temporaryFolder(t);
  const folder = join(state, 'own');
  await writeFiles(folder, files);
  const { store } = await openStore(t, join(state, 'scree.db'));
  for (let at = 0; at < 3; at += 1) store.add({ name: `compute-0-${at}`, macs: [macOf(at)] });
  const attributes = createAttributes({
    ...{ state, profileFolders: [folder] },
    httpListen: { host: '10.1.1.1', port: 80 },
  });
  const set = (
    target: Parameters<typeof attributes.set>[0],
    values: Readonly<Record<string, AttributeValue>>,
  ) => {
    const entries = Object.entries(values).map(([name, value]) => ({ name, value, isSeen: false }));
    return attributes.set(target, { entries, isSecret: false });
  };
  return { state, store, folder, attributes, set };
}

const global = { kind: 'global' } as const;
const compute = { kind: 'role', target: 'compute' } as const;
const first = { kind: 'node', selection: ['compute-0-0'] } as const;

test('what the profile of a node does not take is not set, and it is said what to do', async (t) => {
  const { attributes, set } = await setUp(t);
  const advice =
    'set what fits, or set it where it fits alone: --os, --role, --rack or --node; nothing was set';
  t.throws(() => set(compute, { swap: 'maybe', size: 8 }), {
    code: 'not-as-declared',
    message: `attribute 'swap': expected yes or no (profile compute), got "maybe", for compute-0-0 and 2 more; ${advice}`,
  });
  t.throws(() => set(first, { layout: 'zfs' }), {
    message: `attribute 'layout': expected one of ["plain", "lvm"] (profile compute, in parts), got "zfs", for compute-0-0; ${advice}`,
  });
  t.throws(() => set(first, { label: true }), {
    message: /expected a text .*, got yes \(the text is written '"yes"'\), for/,
  });
  const all = { kind: 'node', selection: ['all'] } as const;
  t.throws(() => set(all, { size: 'x'.repeat(5_000), swap: 'y' }), {
    message:
      /^attribute 'size': expected a number .{90,150}for compute-0-0 and 2 more.*\nattribute 'swap'/,
  });
  t.deepEqual(attributes.list(undefined), []);
  t.deepEqual(set(compute, { swap: 'off', size: '8', layout: 'lvm', mirrors: 'one' }), {
    written: 4,
    warnings: [],
  });
});

test('a secret that does not fit is not told', async (t) => {
  const { set } = await setUp(t);
  t.throws(() => set(global, { pin: 'hunter2' }), {
    message:
      /^attribute 'pin': expected a value that is allowed \(profile compute\), got something else, for compute-0-0 and 2 more;/,
  });
});

test('only the value that a node would get counts', async (t) => {
  const { set, store } = await setUp(t);
  set(compute, { layout: 'lvm' });
  // All who could not use it have another one that is nearer.
  t.deepEqual(set(global, { layout: 3 }).warnings.length, 1);
  store.add({ name: 'storage-0-0', macs: [macOf(9)] });
  t.is(set(global, { layout: 4 }).written, 1);
  t.throws(() => set(global, { layout: 'lvm' }), {
    message: /profile storage\).*for storage-0-0;/,
  });
  set({ kind: 'role', target: 'storage' }, { profile: 'compute' });
  t.is(set(global, { layout: 'lvm' }).written, 1);
});

test('what only profiles of no node refuse is a warning, where they may come to have it', async (t) => {
  const { set } = await setUp(t);
  const refused =
    'attribute \'layout\': expected a number (profile storage), got "plain"; no node is meant now';
  t.deepEqual(set(global, { layout: 'plain' }).warnings, [refused]);
  t.deepEqual(set({ kind: 'os', target: 'rocky8' }, { layout: 'plain' }).warnings, [refused]);
  t.deepEqual(set({ kind: 'role', target: 'storage' }, { layout: 'plain' }).warnings, [refused]);
  t.deepEqual(set({ kind: 'role', target: 'other' }, { layout: 'plain' }).warnings, []);
  t.deepEqual(set({ kind: 'os', target: 'rocky9' }, { layout: 'plain' }).warnings, []);
  t.deepEqual(set({ kind: 'rack', target: '7' }, { layout: 3 }).warnings, []);
});

test('a mistyped role, and an operating system of no profile, are told', async (t) => {
  const { set } = await setUp(t);
  const role = { kind: 'role', target: 'comptue' } as const;
  t.deepEqual(set(role, { x: 1 }).warnings, [
    "no node has the role 'comptue'; did you mean 'compute'?",
  ]);
  t.deepEqual(set({ kind: 'role', target: 'login' }, { x: 1 }).warnings, []);
  t.regex(
    set({ kind: 'os', target: 'rocky' }, { x: 1 }).warnings.join(),
    /^no profile names the operating system 'rocky'; there are: rocky9, .*rocky8/,
  );
});

test('a mistyped name, and a profile that there is not, are told', async (t) => {
  const { set } = await setUp(t);
  t.deepEqual(set(global, { mirors: 'x', 'bmc-address': '10.2.0.1' }).warnings, [
    "no profile uses 'mirors'; did you mean 'mirrors'?",
  ]);
  t.regex(
    set(compute, { profile: 'storag' }).warnings.join(),
    /^no profile 'storag' can be used now; did you mean 'storage'\?$/,
  );
  t.regex(set(compute, { profile: 'x' }).warnings.join(), /now; there are: compute, debian12, /);
});

test('what is set without a word is generated without a word', async (t) => {
  const { folder, attributes, set } = await setUp(t);
  const profiles = createProfiles({ folders: [folder] });
  const value = fc.oneof(
    fc.constantFrom<AttributeValue>('yes', 'off', 'plain', 'lvm', '9.10', true, 4, ['a']),
    fc.string({ maxLength: 12 }).map(parseAttributeValue),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const property = fc.property(
    fc.constantFrom('swap', 'mirrors', 'layout', 'size', 'label'),
    fc.constantFrom(global, compute, first),
    value,
    (name, target, given) => {
      for (const each of [global, compute, first] as const) {
        const held = attributes.list(each).map((attribute) => attribute.name);
        if (held.length > 0) attributes.unset(each, held);
      }
      let isSet = true;
      try {
        set(target, { [name]: given });
      } catch {
        isSet = false;
      }
      if (!isSet) return attributes.list(undefined).length === 0;
      const hosts = attributes.resolve(['all']);
      return checkProfiles({ profiles, hosts, names: ['compute'] }).problems.length === 0;
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 60 }));
});
