import test from 'ava';
import fc from 'fast-check';
import { planInstallLayout } from '../../../src/frontend/trees/install-layout.ts';

const named = (paths: string) => paths.split(' ').map((path) => ({ path }));
const layout = (paths: string, orders: Readonly<Record<string, string>>) =>
  planInstallLayout(
    named(paths),
    Object.entries(orders).map(([role, read]) => ({ role, paths: read.split(' ') })),
  )
    .map((file) => file.path)
    .join(' ');

test('what all roles read comes first, as the first of them reads it, then what one of them reads', (t) => {
  const orders = { compute: 'd a f', login: 'f d b' };
  t.is(layout('a b c d e f', orders), 'd f a b c e');
});

test('a package that has a later version since is found again', (t) => {
  t.is(
    layout('a-2.1.rpm b-1.rpm c-1.rpm', { compute: 'c-1.rpm a-2.0.rpm' }),
    'c-1.rpm a-2.1.rpm b-1.rpm',
  );
});

const paths = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 40 });

test('each file is there once, whatever was read, and what one role reads lies in few places', (t) => {
  const cases = paths.chain((all) =>
    fc.tuple(fc.constant(all), fc.array(fc.shuffledSubarray(all), { maxLength: 3 })),
  );
  fc.assert(
    fc.property(cases, ([all, reads]) => {
      const orders = reads.map((read, at) => ({ role: `role-${at}`, paths: read }));
      const planned = planInstallLayout(
        all.map((path) => ({ path })),
        orders,
      ).map((file) => file.path);
      t.deepEqual(planned.toSorted(), all.toSorted());
      for (const { paths: read } of orders) {
        const wanted = new Set(read);
        const starts = planned.filter(
          (path, at) => wanted.has(path) && !wanted.has(planned[at - 1] ?? ''),
        );
        // One for each group of roles that it is in.
        t.true(starts.length <= 2 ** (orders.length - 1));
      }
    }),
  );
});
