import test from 'ava';
import fc from 'fast-check';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import { expandPattern } from '../../../src/frontend/nodes/name-pattern.ts';
import { indexOf } from '../../../src/frontend/nodes/node-index.ts';
import { selectNodes, selectSome } from '../../../src/frontend/nodes/selection.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { machine } from '../boot/fixture.ts';
import { macOf } from './fixture.ts';

const rack = (number: number): readonly MachineNode[] =>
  Array.from({ length: 12 }, (_, rank) =>
    machine({
      name: `compute-${number}-${rank}`,
      macs: [macOf(number * 100 + rank)],
      uuid: undefined,
      address: undefined,
      rack: number,
      rank,
      bootState: rank === 3 ? 'failed' : 'os',
      bootAction: rank === 3 ? 'install' : 'os',
    }),
  );
const others = ['nas', 'n-08', 'n-09', 'n-10'].map((name, at) =>
  machine({ name, macs: [macOf(9000 + at)], role: 'nas', rack: undefined, rank: undefined }),
);
const all = [rack(0), rack(1), rack(2), others].flat();
const nodes = indexOf(all);
const select = (...words: readonly string[]) => selectNodes(nodes, words).map(({ name }) => name);

test('words of every form choose what they say', (t) => {
  t.deepEqual(select('compute-0-1'), ['compute-0-1']);
  t.deepEqual(select('compute-0-[10-31]'), ['compute-0-10', 'compute-0-11']);
  t.deepEqual(select('compute-[0-1]-[0,3-4,99]'), [
    ...['compute-0-0', 'compute-0-3', 'compute-0-4'],
    ...['compute-1-0', 'compute-1-3', 'compute-1-4'],
  ]);
  t.deepEqual(select('n-[08-10]'), ['n-08', 'n-09', 'n-10']);
  t.is(select('rack=2').length, 12);
  t.is(select('rack=0-1').length, 24);
  t.is(select('rack=[0,2]').length, 24);
  t.deepEqual(select('rack=none'), ['n-08', 'n-09', 'n-10', 'nas']);
  t.is(select('role=compute').length, 36);
  t.deepEqual(select('state=failed'), ['compute-0-3', 'compute-1-3', 'compute-2-3']);
  t.deepEqual(select('action=install'), select('state=failed'));
  t.deepEqual(select('rank=0'), ['compute-0-0', 'compute-1-0', 'compute-2-0']);
  t.is(select('all').length, all.length);
});

test('words are a union, each node once and in its place; commas are an intersection', (t) => {
  t.deepEqual(select('nas', 'compute-2-0', 'compute-2-[0-1]'), [
    ...['compute-2-0', 'compute-2-1', 'nas'],
  ]);
  t.deepEqual(select('rack=1,state=failed'), ['compute-1-3']);
  t.deepEqual(select('compute-[0-2]-[2-3],state=failed,rack=0-1'), ['compute-0-3', 'compute-1-3']);
  t.deepEqual(select('rack=1,role=nas'), []);
});

test('what names nothing is told by its name', (t) => {
  const failing = [
    ['nobody', 'unknown', /got 'nobody'; see 'scree node list'$/],
    ['nobody,rack=1', 'unknown', /got 'nobody'/],
    [
      'compute-9-[0-31]',
      'nothing-selected',
      /'compute-9-\[0-31\]'.*'compute-9-0' to 'compute-9-31'/,
    ],
    ['compute-0-[0-999999999]', 'bad-selection', /at most 100000 names.*got 1000000000$/],
    [`${'[0-99]'.repeat(20)}`, 'bad-selection', /at most 100000 names/],
    ['compute-0-[]', 'bad-selection', /brackets with numbers.*got '\[\]'/],
    ['compute-0-[1', 'bad-selection', /got 'compute-0-\[1'/],
    ['compute-0-1]', 'bad-selection', /got 'compute-0-1\]'/],
    ['compute-[[0]]', 'bad-selection', /brackets with numbers/],
    ['compute-0-[5-2]', 'bad-selection', /got '\[5-2\]'/],
    ['compute-0-[8-010]', 'bad-selection', /got '\[8-010\]'/],
    ['compute-0-[a-c]', 'bad-selection', /got '\[a-c\]'/],
    ['rack=two', 'bad-selection', /numbers for 'rack='.*got 'two'$/],
    ['state=faild', 'bad-selection', /a boot state.*got 'faild'; did you mean 'failed'\?/],
    ['rak=1', 'bad-selection', /a condition.*did you mean 'rack'\?/],
    ['', 'unknown', /got ''/],
    ['x'.repeat(2000), 'bad-selection', /at most 1024 characters/],
  ] as const;
  for (const [word, code, message] of failing) {
    t.throws(() => select(word), { instanceOf: NodesError, code, message }, word);
  }
  t.throws(() => selectSome(nodes, ['state=installing']), {
    code: 'nothing-selected',
    message: "expected a node of 'state=installing', found none; see 'scree node list'",
  });
  t.throws(() => selectSome(nodes, []), { code: 'nothing-selected' });
  const many = Array.from({ length: 3 }, () => 'compute-0-[0-49999]');
  t.throws(() => select(...many), {
    code: 'bad-selection',
    message: /at most 100000 names in all/,
  });
});

const numbers = fc.uniqueArray(fc.nat({ max: 20_000 }), {
  size: 'max',
  minLength: 1,
  maxLength: 40,
});

test('brackets stand for exactly the numbers in them', (t) => {
  const property = fc.property(numbers, fc.integer({ min: 1, max: 6 }), (some, width) => {
    const texts = some.map((each) => String(each).padStart(width, '0'));
    const names = expandPattern(`a-[${texts.join(',')}]-b`);
    return names.join() === texts.map((text) => `a-${text}-b`).join();
  });
  t.notThrows(() => fc.assert(property));
});

test('a range is all of its numbers, as wide as its first', (t) => {
  const range = fc.tuple(fc.nat({ max: 99_000 }), fc.nat({ max: 900 }), fc.boolean());
  const property = fc.property(range, ([first, more, isPadded]) => {
    const from = isPadded ? String(first).padStart(7, '0') : String(first);
    const names = expandPattern(
      `n[${from}-${isPadded ? String(first + more).padStart(7, '0') : first + more}]`,
    );
    const width = isPadded ? 7 : 1;
    const expected = Array.from({ length: more + 1 }, (_, at) => first + at);
    return names.join() === expected.map((each) => `n${String(each).padStart(width, '0')}`).join();
  });
  t.notThrows(() => fc.assert(property));
});

test('each node is chosen by its own name, and a union of names is those nodes', (t) => {
  const property = fc.property(fc.subarray(all, { minLength: 1 }), (some) => {
    const chosen = selectNodes(
      nodes,
      some.map(({ name }) => name),
    );
    return chosen.length === some.length && chosen.every((node) => some.includes(node));
  });
  t.notThrows(() => fc.assert(property));
});

test('any words choose nodes or are refused with a code', (t) => {
  const letter = fc.constantFrom(...'[]-,=019', 'rack', 'all', 'compute-', 'state', 'é', ' ');
  const word = fc.array(letter, { size: 'max', maxLength: 30 }).map((each) => each.join(''));
  const property = fc.property(fc.array(word, { size: 'max', maxLength: 20 }), (words) => {
    try {
      return selectNodes(nodes, words).every((node) => all.includes(node));
    } catch (error) {
      return error instanceof NodesError;
    }
  });
  t.notThrows(() => fc.assert(property));
});
