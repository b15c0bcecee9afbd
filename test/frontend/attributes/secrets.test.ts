import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createAttributes } from '../../../src/frontend/attributes/main.ts';
import { withoutSecrets } from '../../../src/frontend/attributes/secrets.ts';
import { createAttributeStore } from '../../../src/frontend/attributes/store.ts';
import type { AttributeScope, AttributeValue } from '../../../src/frontend/attributes/types.ts';
import { createNodeFiles } from '../../../src/frontend/node-files/main.ts';
import { createOperators } from '../../../src/frontend/operators/main.ts';
import { openProfiles } from '../../../src/frontend/profiles/main.ts';
import { messageOf } from '../../../src/runtime/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';
import { hostOf, writeFiles } from '../profiles/fixture.ts';

const canary = 'Canary7Bird';
const formats = ['csv', 'yaml', 'hosts', 'ethers', 'dnsmasq', 'isc'] as const;
const scopes: readonly AttributeScope[] = [
  { kind: 'global' },
  { kind: 'os', target: 'rocky9' },
  { kind: 'role', target: 'compute' },
  { kind: 'rack', target: '0' },
  { kind: 'node', target: 'compute-0-0' },
];
const types = ['text', 'number', 'yes-no', 'list'] as const;
/** Where a template puts the value; many values cannot stand there. */
const uses = {
  ks: 'rootpw --iscrypted {{ license }}\nurl --url={{ license }}',
  packages: '{{ license }}',
  'post.sh': 'echo {{ license }} "{{ license }}" {{ license | split: "x" | join: "y" }}',
  'pre.sh': '{% if license == "a" %}exit 1{% endif %}',
} as const;

/** A value that holds the canary, in all the shapes that a value may have. */
const noise = fc.constantFrom('', ' ', '\n', '"', "'", '%end', '{{', '\\', '<', '\0'.slice(1), 'é');
const word = fc.tuple(noise, noise).map(([before, after]) => `${before}${canary}${after}`);
const value = fc.oneof<fc.Arbitrary<AttributeValue>[]>(word, fc.array(word, { maxLength: 3 }));

const situation = fc.record({
  set: fc.uniqueArray(fc.record({ at: fc.nat(scopes.length - 1), value, isMarked: fc.boolean() }), {
    selector: ({ at }) => at,
    maxLength: 3,
  }),
  /** Who declares it, and whether to be secret. */
  mine: fc.constantFrom('not', 'declared', 'secret'),
  other: fc.constantFrom('not', 'secret'),
  type: fc.constantFrom(...types),
  isOneOf: fc.boolean(),
  use: fc.constantFrom(...(Object.keys(uses) as (keyof typeof uses)[])),
});
type Situation = typeof situation extends fc.Arbitrary<infer Value> ? Value : never;

/** The profile of the node, and one that no node has. */
function filesOf({ mine, other, type, isOneOf, use }: Situation): Readonly<Record<string, string>> {
  const oneOf = isOneOf ? ', one-of: ["1", "2"]' : '';
  const said = `license: { type: ${type}${oneOf}${mine === 'secret' ? ', secret: true' : ''} }`;
  const head = 'output: kickstart\nos: rocky9\ntree: rocky9\n';
  return {
    'compute.yaml': `${head}include: [license]\n`,
    'other.yaml': `${head}attributes:\n  license: { secret: ${other === 'secret'}, default: "" }\n`,
    'fragments/license.yaml': mine === 'not' ? '{}\n' : `attributes:\n  ${said}\n`,
    [`fragments/license.${use}`]: mine === 'not' ? '\n' : `${uses[use]}\n`,
  };
}

async function setUp(t: ExecutionContext) {
  const state = await temporaryFolder(t);
  const { store, database } = await openStore(t, join(state, 'scree.db'));
  store.add({ name: 'compute-0-0', macs: [macOf(0)], rack: 0 });
  const own = join(state, 'own');
  const config = { state, profileFolders: [own] };
  return {
    ...{ state, database, own, files: createNodeFiles(config) },
    attributes: createAttributes({ ...config, httpListen: { host: '10.1.1.1', port: 80 } }),
  };
}

test('whatever is secret, however it became so, is in no listing, file or message', async (t) => {
  const { state, database, own, files, attributes } = await setUp(t);
  const store = createAttributeStore({ database });
  let secretCount = 0;
  let problemCount = 0;
  const property = fc.asyncProperty(situation, async (given) => {
    await writeFiles(own, { ...emptied, ...filesOf(given) });
    const gone = scopes.map((scope) => ({ scope, name: 'license', value: undefined }));
    store.change(gone);
    // As they were set before there was any rule.
    for (const { at, value: each, isMarked } of given.set) {
      const scope = scopes[at] ?? { kind: 'global' };
      store.change([{ scope, name: 'license', value: each, isSecret: isMarked }]);
    }
    const isSecret =
      given.mine === 'secret' ||
      given.other === 'secret' ||
      given.set.some((each) => each.isMarked);
    const profiles = openProfiles({ own });
    const hosts = attributes.resolve(['all']);
    const report = profiles.check({ hosts, names: [] });
    problemCount += report.problems.length;
    const wrong = { kind: 'role', target: 'compute' } as const;
    const entry = { name: 'license', value: `${canary}!`, isSeen: false };
    const set = (isSeen: boolean) => () =>
      attributes.set(wrong, { entries: [{ ...entry, isSeen }], isSecret: !isSeen && isSecret });
    const texts = [
      JSON.stringify(attributes.list(undefined)),
      ...scopes.map((scope) => JSON.stringify(attributes.list(targetOf(scope)))),
      ...hosts.map((host) => JSON.stringify(attributes.document(host))),
      attributes.xml(hosts),
      ...formats.map((format) => files.export(undefined, format).text),
      JSON.stringify(report),
      saidBy(set(false)),
      saidBy(set(true)),
      saidBy(() => importOf(files, `json:"${canary}`)),
      saidBy(() => importOf(files, canary)),
      JSON.stringify(createOperators({ state }).audit({ limit: 20 })),
    ];
    const leaks = texts.filter((text) => text.includes(canary));
    if (isSecret) secretCount += 1;
    t.deepEqual(isSecret ? leaks : [], [], JSON.stringify(given));
    // Where it is none, and set, it is seen: the search would find it.
    const isSet = given.set.length > 0 && given.set.some((each) => String(each.value) !== '');
    return isSecret || !isSet || leaks.length > 0;
  });
  await t.notThrowsAsync(() => fc.assert(property, { numRuns: 24 }));
  t.true(secretCount > 5 && problemCount > 5, `${secretCount} secrets, ${problemCount} problems`);
});

const emptied = Object.fromEntries(
  Object.keys(uses).map((section) => [`fragments/license.${section}`, '\n']),
);

function targetOf(scope: AttributeScope) {
  if (scope.kind === 'global') return scope;
  if (scope.kind === 'node') return { kind: 'node', selection: [scope.target] } as const;
  return { kind: scope.kind, target: scope.target };
}

function importOf(files: ReturnType<typeof createNodeFiles>, cell: string) {
  const text = `name,macs,attr:license\ncompute-0-0,52:54:00:00:00:0x,${cell}\n`;
  const sources = [{ name: 'nodes.csv', text, format: 'csv' } as const];
  return files.import(sources, { isUpdate: true, isDryRun: true });
}

function saidBy(work: () => unknown): string {
  try {
    return JSON.stringify(work());
  } catch (error) {
    return messageOf(error);
  }
}

test('what others have written is told without the secrets that they were given', (t) => {
  const host = hostOf('rocky9', {
    'secret-a': 'hunter2',
    'secret-key': '-----BEGIN KEY-----\nabcdefgh\n',
    'secret-users': ['ann:$6$abcdefghijk', 'bob'],
    'secret-pin': '12',
    'secret-count': 4,
    disk: 'sda',
  });
  const text = 'got hunter2hunter2 on sda\nabcdefgh ann $6$abcdefghijk bob 12 4\n';
  t.is(withoutSecrets(text, host), 'got (secret)(secret) on sda\n(secret) ann (secret) bob 12 4\n');
  const property = fc.property(
    fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }),
    (secret, before, after) => {
      if (secret.trim().length < 4) return true;
      const shown = withoutSecrets(
        `${before}${secret}${after}`,
        hostOf('x', { 'secret-a': secret }),
      );
      return shown.split('(secret)').every((part) => !part.includes(secret.trim()));
    },
  );
  t.notThrows(() => fc.assert(property));
});
