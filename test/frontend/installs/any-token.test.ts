import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { createInstalls } from '../../../src/frontend/installs/installs.ts';
import { installTokenOf } from '../../../src/frontend/installs/token.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { macOf } from '../nodes/fixture.ts';

const key = Buffer.alloc(32, 1);

const order = fc.record({
  name: fc.constantFrom('a', 'b'),
  what: fc.constantFrom('add', 'remove', 'install', 'os', 'rescue', 'boot-file', 'kickstart'),
});
/** A token of any install so far, by its place among them. */
const report = fc.record({
  kind: fc.constantFrom('success', 'failure'),
  token: fc.nat({ max: 20 }),
});

test('whatever tokens come, only that of a node’s latest install changes that node', async (t) => {
  const property = fc.asyncProperty(
    fc.array(fc.oneof(order, report), { size: 'max', maxLength: 40 }),
    async (steps) => {
      const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
      const installs = createInstalls(
        { log: silentLog, nodes, logs: nodes.logs, key },
        { silenceLimitMs: 60_000 },
      );
      const { store } = nodes;
      const tokens: string[] = [];
      try {
        for (const step of steps) {
          if ('token' in step) checkReport(step.kind, tokens[step.token % (tokens.length || 1)]);
          else follow(step);
        }
      } finally {
        await installs.close();
        await nodes.close();
      }

      function follow({ name, what }: { readonly name: string; readonly what: string }): void {
        const node = store.byName(name);
        if (what === 'add') {
          if (node === undefined) store.add({ name, macs: [macOf(name.charCodeAt(0))] });
        } else if (node === undefined) return;
        else if (what === 'remove') store.remove(name);
        else if (what === 'boot-file') installs.bootFileAsked(node);
        else if (what === 'kickstart') installs.kickstartAsked(node);
        else {
          const [after] = store.boot([name], what);
          if (after !== undefined && what === 'install') tokens.push(installs.tokenOf(after));
        }
      }

      function checkReport(kind: string, token = `1-${'0'.repeat(32)}`): void {
        const before = store.all();
        const owner = before.find(
          (node) => node.installNumber > 0 && installTokenOf(node, key) === token,
        );
        const holder = installs.holderOf(token);
        if (holder.kind !== 'node') {
          assert.equal(owner, undefined, 'the token of a latest install was not known');
          return;
        }
        assert.equal(holder.node, owner);
        const end =
          kind === 'success'
            ? ({ kind: 'success', logText: '' } as const)
            : ({ kind: 'failure', reason: 'x', logText: '' } as const);
        const after = installs.ended(holder.node, end);
        const expected = kind === 'success' || owner?.bootState === 'os' ? 'os' : 'failed';
        assert.equal(after.bootState, expected);
        for (const other of before) {
          if (other !== owner) assert.equal(store.byName(other.name), other);
        }
        // Said again, it is nothing new.
        assert.equal(installs.ended(after, end), after);
      }
    },
  );
  await t.notThrowsAsync(fc.assert(property, { numRuns: 60 }));
});
