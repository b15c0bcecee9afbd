import test from 'ava';
import fc from 'fast-check';
import { chooseFillers } from '../../../src/frontend/trees/fillers.ts';

test('what is chosen leaves the wanted remainder and takes each file once', (t) => {
  const input = fc.record({
    sizes: fc.array(fc.nat(1_000_000), { maxLength: 60, size: 'max' }),
    modulus: fc.constantFrom(1, 7, 256, 65_536),
    remainder: fc.nat(1_000_000),
  });
  const property = fc.property(input, ({ sizes, modulus, remainder }) => {
    const wanted = remainder % modulus;
    const chosen = chooseFillers(sizes, { remainder: wanted, modulus });
    if (chosen === undefined) return;
    t.is(new Set(chosen).size, chosen.length);
    t.is(chosen.reduce((sum, at) => sum + (sizes[at] ?? Number.NaN), 0) % modulus, wanted);
  });
  t.notThrows(() => fc.assert(property));
});

test('a choice of one or two is found where there is one', (t) => {
  const property = fc.property(
    fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 20 }),
    fc.integer({ min: 1, max: 2 }),
    (sizes, count) => {
      const sum = sizes.slice(0, count).reduce((total, size) => total + size, 0);
      t.truthy(chooseFillers(sizes, { remainder: sum % 65_536, modulus: 65_536 }));
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('64 sizes without a pattern leave every remainder of a 64 KiB piece', (t) => {
  const sizes = Array.from({ length: 64 }, (_, at) => (at + 1) ** 3 * 7919);
  const missed = Array.from({ length: 655 }, (_, at) => at * 100).filter(
    (remainder) => chooseFillers(sizes, { remainder, modulus: 65_536 }) === undefined,
  );
  t.true(missed.length < 10, `missed ${missed.length} of 655`);
});
