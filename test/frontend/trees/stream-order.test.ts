import test from 'ava';
import fc from 'fast-check';
import { type OrderedFile, planStreamOrder } from '../../../src/frontend/trees/stream-order.ts';

const pieceLengthBytes = 65_536;

function file(path: string, sizeBytes: number, sha256: string | undefined = path): OrderedFile {
  return { path, sizeBytes, sha256 };
}

function plan(former: readonly OrderedFile[], current: readonly OrderedFile[]) {
  return planStreamOrder({ former, current, pieceLengthBytes });
}

test('the first generation is in the order given', (t) => {
  const files = [file('a', 5), file('b', 0), file('c', 100_000)];
  t.deepEqual(plan([], files), files);
});

test('what is the same keeps its order, whatever order it had, and new files follow', (t) => {
  const former = [file('c', 5), file('a', 9), file('b', 1)];
  const current = [file('a', 9), file('aa', 7), file('b', 1), file('c', 5)];
  t.deepEqual(
    plan(former, current).map((each) => each.path),
    ['c', 'a', 'b', 'aa'],
  );
});

test('a file renamed, or changed in place to the same size, keeps its place', (t) => {
  const former = [file('a', 5), file('b', 9), file('c', 1)];
  const current = [file('a', 5, undefined), file('c', 1), file('z', 9, 'b')];
  t.deepEqual(
    plan(former, current).map((each) => each.path),
    ['a', 'z', 'c'],
  );
});

const someFiles = fc.uniqueArray(
  fc.record({ name: fc.integer({ min: 0, max: 400 }), size: fc.nat(300_000) }),
  { selector: (each) => each.name, maxLength: 120, size: 'max' },
);

test('the order holds every file of today once, also after any change', (t) => {
  const property = fc.property(someFiles, someFiles, (before, after) => {
    const former = before.map((each) => file(String(each.name), each.size));
    const current = after.map((each) => file(String(each.name), each.size, undefined));
    const ordered = plan(former, current);
    t.deepEqual(
      ordered.map((each) => each.path).toSorted(),
      current.map((each) => each.path).toSorted(),
    );
  });
  t.notThrows(() => fc.assert(property));
});

/** Bytes in files that lie at the same place in a piece as before. */
function bytesInStep(former: readonly OrderedFile[], ordered: readonly OrderedFile[]): number {
  const places = placesInPiece(former);
  let inStep = 0;
  for (const [path, place] of placesInPiece(ordered)) {
    if (places.get(path)?.place === place.place) inStep += place.sizeBytes;
  }
  return inStep;
}

function placesInPiece(files: readonly OrderedFile[]) {
  const places = new Map<string, { place: number; sizeBytes: number }>();
  let offset = 0;
  for (const { path, sizeBytes } of files) {
    places.set(path, { place: offset % pieceLengthBytes, sizeBytes });
    offset += sizeBytes;
  }
  return places;
}

/** Sizes like a distribution's, the same at every run. */
function distribution(count: number): OrderedFile[] {
  let state = 20_081_101;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: count }, (_, at) => {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    return file(`p${String(at).padStart(5, '0')}`, Math.floor(60_000 * Math.exp(2 * normal)));
  });
}

test('after a mirror replaced one package in fifty, nine tenths stay in step', (t) => {
  const former = distribution(5_000);
  const current = former
    .map((each, at) => (at % 50 === 7 ? file(`${each.path}-new`, each.sizeBytes + 4_321) : each))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const ordered = plan(former, current);
  const total = current.reduce((sum, each) => sum + each.sizeBytes, 0);
  const share = bytesInStep(former, ordered) / total;
  t.true(share > 0.9, `in step: ${share}`);
});

test('after the first file of many is gone, nearly all stay in step', (t) => {
  const former = distribution(1_000);
  const current = former.slice(1);
  const ordered = plan(former, current);
  const total = current.reduce((sum, each) => sum + each.sizeBytes, 0);
  const share = bytesInStep(former, ordered) / total;
  t.true(share > 0.95, `in step: ${share}`);
});
