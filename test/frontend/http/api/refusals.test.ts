import test from 'ava';
import { apiRefusalOf } from '../../../../src/frontend/http/api/refusals.ts';
import { NodesError } from '../../../../src/frontend/nodes/errors.ts';
import { DatabaseError } from '../../../../src/runtime/database.ts';

test('what the caller can mend, what passes, and what an operator has to see differ by status', (t) => {
  const statusOf = (error: Error) => apiRefusalOf(error)?.status;
  t.is(statusOf(new NodesError('bad-mac', 'expected a MAC')), 400);
  t.is(statusOf(new NodesError('unknown', 'found none')), 404);
  t.is(statusOf(new DatabaseError('unusable', 'got: disk I/O error')), 500);
  t.is(statusOf(new Error('of nobody')), undefined);
  t.deepEqual(apiRefusalOf(new DatabaseError('busy', 'got: database is locked; try again')), {
    status: 503,
    body: { error: 'got: database is locked; try again', code: 'busy' },
    retryAfterSeconds: 1,
  });
});
