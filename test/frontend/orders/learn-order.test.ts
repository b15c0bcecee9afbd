import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { learnOrder, placeOrder } from '../../../src/frontend/orders/learn-order.ts';

const five = ['a', 'b', 'c', 'd', 'e'];

test('the first machine of a run teaches its order, the others what they read besides', (t) => {
  const first = learnOrder(undefined, five, { isFirstOfRun: true });
  t.deepEqual(first, { paths: five, isWhole: true });
  const second = learnOrder(first, ['b', 'a', 'f', 'c', 'g'], { isFirstOfRun: false });
  t.deepEqual(second, { paths: [...five, 'f', 'g'], isWhole: true });
  t.is(learnOrder(second, five, { isFirstOfRun: false }), second);
  const next = ['h', 'g', 'f', 'e', 'd', 'c', 'b'];
  const again = learnOrder(second, next, { isFirstOfRun: true });
  t.deepEqual(again, { paths: next, isWhole: true });
});

test('a whole order takes the place of one that was only under way; a few files teach nothing', (t) => {
  const underWay = { paths: ['x', 'y', 'z', 'a', 'b'], isWhole: false };
  const whole = { paths: five, isWhole: true };
  t.deepEqual(learnOrder(underWay, five, { isFirstOfRun: false }), whole);
  t.is(learnOrder(whole, ['a', 'b'], { isFirstOfRun: true }), whole);
  // That may be an install that was broken off.
  t.is(learnOrder(whole, ['d', 'c', 'b', 'a'].slice(0, 4), { isFirstOfRun: false }), whole);
  const long = { paths: [...five, 'f', 'g', 'h'], isWhole: true };
  t.is(learnOrder(long, five, { isFirstOfRun: true }), long);
  t.is(learnOrder(undefined, ['a'], { isFirstOfRun: true }), undefined);
});

test('what was learnt of one generation is found in the next, newer versions too', (t) => {
  const files = ['Packages/bash-5.2-9.rpm', 'Packages/zlib-1.3.rpm', 'repodata/repomd.xml'];
  const learnt = ['repodata/repomd.xml', 'Packages/gone.rpm', 'Packages/bash-5.1-28.rpm'];
  t.deepEqual(placeOrder(learnt, files), [2, 0]);
  // Which of them it is cannot be told.
  const two = ['p/bash-5.2.rpm', 'p/bash-5.3.rpm'];
  t.deepEqual(placeOrder(['p/bash-5.1.rpm'], two), []);
  t.deepEqual(placeOrder(['p/bash-5.3.rpm'], two), [1]);
});

const path = fc.stringMatching(/^[ab]{1,3}-[0-9]{1,2}$/);
const paths = fc.uniqueArray(path, { maxLength: 30, size: 'max' });

test('places are of files that are there, each once, and all that are there are found', (t) => {
  const property = fc.property(paths, paths, (learnt, files) => {
    const places = placeOrder(learnt, files);
    assert.equal(new Set(places).size, places.length);
    assert.ok(places.every((place) => place >= 0 && place < files.length));
    const found = new Set(places.map((place) => files[place]));
    for (const path of learnt) assert.ok(!files.includes(path) || found.has(path));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});
