import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createAttributeStore } from '../../../src/frontend/attributes/store.ts';
import type { AttributeValue } from '../../../src/frontend/attributes/types.ts';
import { builtInNames } from '../../../src/frontend/attributes/words.ts';
import { createNodeFiles } from '../../../src/frontend/node-files/main.ts';
import type { NodeFileFormat } from '../../../src/frontend/node-files/types.ts';
import type { NewNode } from '../../../src/frontend/nodes/documents.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';

const options = { isUpdate: false, isDryRun: false };
const text = fc.oneof(
  fc.string({ unit: 'grapheme', size: 'max', maxLength: 40 }),
  fc.constantFrom(
    ...[
      '',
      ' ',
      'none',
      'yes',
      '12',
      'json:1',
      '"',
      'a,b;c',
      '\r',
      '\n#x',
      '\ufeff',
      '\u0085',
      '@',
    ],
    ...['- a: b', '{{ x }}', '&a', '*a', "'", '$(x)', '<a>', '\t', '~', 'null', '\u2028', '\x01'],
  ),
);
const attributeValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (each === 0 ? 0 : each)),
  fc.array(text, { size: 'max', maxLength: 6 }),
);
const attributeName = fc
  .stringMatching(/^[a-z][a-z\d-]{0,8}$/)
  .filter((name) => !builtInNames.has(name));
const word = fc.stringMatching(/^[\w.-]{1,10}$/);
const dhcpOptions = fc.record(
  {
    mtu: fc.oneof(fc.integer({ min: 68, max: 65_535 }), fc.constant('9000')),
    200: fc.constantFrom('none', 'json:x', 'a b', '0x0104', 'x"y,z'),
    ntp: fc.constantFrom('10.1.1.1,10.1.1.2', ['10.1.1.1', '10.1.1.2']),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const place = fc.option(fc.integer({ min: 0, max: 99_999 }), { nil: null });
const machine = fc.record({
  name: fc.oneof(
    fc.stringMatching(/^[a-z]{1,6}-\d{1,2}-\d{1,2}$/),
    fc.stringMatching(/^[a-z]{3,9}$/),
  ),
  cards: fc.integer({ min: 1, max: 4 }),
  hasAddress: fc.boolean(),
  hasUuid: fc.boolean(),
  role: word,
  rack: place,
  rank: place,
  clientClasses: fc.option(
    fc.array(fc.stringMatching(/^[\x21-\x7e]{1,12}$/), { size: 'max', maxLength: 4 }),
    { nil: null },
  ),
  dhcpOptions,
  attributes: fc.dictionary(attributeName, attributeValue, { maxKeys: 5, noNullPrototype: true }),
});
const rack = fc.uniqueArray(machine, {
  size: 'max',
  maxLength: 12,
  selector: ({ name }) => name,
});

for (const format of ['csv', 'yaml'] as const) {
  test(`what is exported as ${format} is imported as it was, attributes too`, async (t) => {
    const property = fc.asyncProperty(rack, async (machines) => {
      const first = await setUp(t);
      for (const [at, each] of machines.entries()) {
        first.store.add(nodeOf(each, at));
        first.attributes.change(
          Object.entries(each.attributes).map(([name, value]) => {
            return { scope: { kind: 'node', target: each.name }, name, value };
          }),
        );
      }
      const exported = first.files.export(undefined, format);
      t.deepEqual(exported.warnings, []);
      const source = { name: `nodes.${format}`, text: exported.text, format: undefined };
      const again = first.files.import([source], { ...options, isUpdate: true });
      t.true(again.steps.every(({ kind }) => kind === 'same'));

      const second = await setUp(t);
      const { steps } = second.files.import([source], options);
      t.true(steps.every(({ kind }) => kind === 'added'));
      second.store.refresh();
      t.deepEqual(second.store.all().map(lasting), first.store.all().map(lasting));
      t.deepEqual(second.attributes.layers().all, first.attributes.layers().all);
    });
    await t.notThrowsAsync(fc.assert(property, { numRuns: 60 }));
  });
}

test('MACs, addresses and names survive every other format', async (t) => {
  const first = await setUp(t);
  first.store.add({ name: 'nas', macs: [macOf(1), macOf(2)], address: '10.1.1.5' });
  first.store.add({ name: 'compute-0-1', macs: [macOf(3)], address: '10.1.1.6' });
  const identities = async (...formats: readonly NodeFileFormat[]) => {
    const { store, files } = await setUp(t);
    const sources = formats.map((format) => {
      return { name: format, text: first.files.export(undefined, format).text, format };
    });
    files.import(sources, options);
    store.refresh();
    return store.all().map(({ name, macs, address }) => [name, macs, address]);
  };
  const expected = [
    ['compute-0-1', [macOf(3)], '10.1.1.6'],
    ['nas', [macOf(1), macOf(2)], '10.1.1.5'],
  ];
  t.deepEqual(await identities('dnsmasq'), expected);
  t.deepEqual(await identities('isc'), expected);
  t.deepEqual(await identities('ethers', 'hosts'), expected);
});

async function setUp(t: ExecutionContext) {
  const state = await temporaryFolder(t);
  const { store, database } = await openStore(t, `${state}/scree.db`);
  const attributes = createAttributeStore({ database });
  return { store, attributes, files: createNodeFiles({ state }) };
}

type Machine = typeof machine extends fc.Arbitrary<infer Value> ? Value : never;

function nodeOf(machine: Machine, at: number): NewNode {
  const { name, cards, hasAddress, hasUuid, role, rack, rank, clientClasses, dhcpOptions } =
    machine;
  return {
    ...{ name, role, rack, rank, clientClasses, dhcpOptions },
    macs: Array.from({ length: cards }, (_, card) => macOf(at * 10 + card)),
    ...(hasAddress ? { address: `10.1.2.${at + 1}` } : {}),
    ...(hasUuid
      ? { uuid: `4c4c4544-0042-3510-8056-b4c04f4b4d${String(at).padStart(2, '0')}` }
      : {}),
  };
}

/** All but when it was added. */
function lasting(node: MachineNode): MachineNode {
  return { ...node, stateAtMs: 0 };
}
