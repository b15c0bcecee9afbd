import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { joinPaths, splitJoinedPath } from '../../src/protocol/joined-path.ts';
import { bootPath } from '../support/boot-plans.ts';

test('what was joined, or stands with commas, comes apart', (t) => {
  const property = fc.property(fc.array(bootPath, { minLength: 2, maxLength: 8 }), (paths) => {
    assert.deepEqual(splitJoinedPath(joinPaths(paths)), paths);
    assert.deepEqual(splitJoinedPath(paths.join(',')), paths);
  });
  t.notThrows(() => fc.assert(property));
});

test('one name, empty names, or more than eight, are not joined ones', (t) => {
  for (const path of ['linux', '', ',', 'a,', '&a', 'a,,b', 'a,b,c,d,e,f,g,h,i']) {
    t.is(splitJoinedPath(path), undefined, path);
  }
});
