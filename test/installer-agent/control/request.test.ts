import test from 'ava';
import fc from 'fast-check';
import { readControlRequest } from '../../../src/installer-agent/control/request.ts';

test('what an installer may tell', (t) => {
  const read = readControlRequest;
  t.deepEqual(read('/agent/phase?name=post'), { kind: 'phase', name: 'post', detail: undefined });
  t.deepEqual(read('/agent/phase?name=partitioned&detail=%2Fdev%2Fsda%0A+ok'), {
    kind: 'phase',
    name: 'partitioned',
    detail: '/dev/sda ok',
  });
  t.deepEqual(read('/agent/packages?done=3&total=9'), { kind: 'packages', done: 3, total: 9 });
  t.deepEqual(read('/agent/packages?done=3&total='), {
    kind: 'packages',
    done: 3,
    total: undefined,
  });
  t.like(read('/agent/packages?done=10&total=9'), { done: 10, total: 10 });
  t.deepEqual(read('/agent/store?folder=/target/var/tmp/scree&size=8G'), {
    kind: 'store',
    folder: '/target/var/tmp/scree',
    sizeBytes: 8 * 2 ** 30,
  });
  t.deepEqual(read('/agent/end?outcome=failure&reason=no%20disk&log=/var/log/syslog'), {
    kind: 'end',
    outcome: 'failure',
    reason: 'no disk',
    logPath: '/var/log/syslog',
  });
  t.deepEqual(read('/agent/end?outcome=success&reason=&log='), {
    kind: 'end',
    outcome: 'success',
    reason: undefined,
    logPath: undefined,
  });
  t.is(read('/agent/ending').kind, 'unknown');
});

test('what is wrong with the rest is said', (t) => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['phase', /name= to be one of booted, .*, done, got nothing/],
    ['phase?name=lunch', /got 'lunch'/],
    ['packages?done=-1', /done= to be a number/],
    ['packages?done=1e9', /done= to be a number/],
    ['packages?done=1&total=many', /total= to be a number/],
    ['store', /folder= to be an absolute path, got nothing/],
    ['store?folder=tmp', /an absolute path, got 'tmp'/],
    ['store?folder=/a%00b', /an absolute path/],
    ['store?folder=/a&size=much', /size=: expected a size such as/],
    ['end', /outcome= to be success or failure, got nothing/],
    ['end?outcome=failure&log=syslog', /log= to be an absolute path/],
  ];
  for (const [target, reason] of wrong) {
    const read = readControlRequest(`/agent/${target}`);
    t.regex(read.kind === 'bad' ? read.reason : read.kind, reason, target);
  }
});

test('any target is understood or not, in bounds', (t) => {
  const word = fc.constantFrom(
    ...['phase', 'packages', 'store', 'end', 'name', 'detail', 'done', 'total', 'folder', 'size'],
    ...['outcome', 'reason', 'log', 'success', 'failure', '/x', '?', '=', '&', '%', '%00', '7'],
  );
  const part = fc.oneof(word, fc.string({ unit: 'binary', maxLength: 60, size: 'max' }));
  const targets = fc.array(part, { size: 'max', maxLength: 12 });
  t.notThrows(() =>
    fc.assert(
      fc.property(targets, (parts) => {
        const read = readControlRequest(`/agent/${parts.join('')}`);
        const texts = Object.values(read).filter((value) => typeof value === 'string');
        if (texts.some((text) => text.length > 1_200 || !text.isWellFormed())) throw new Error('?');
      }),
    ),
  );
});
