import test from 'ava';
import { openEventSource } from '../../../support/event-source.ts';
import { macOf } from '../../nodes/fixture.ts';
import { serveApi } from './api-fixture.ts';

type News = {
  readonly nodes: readonly { readonly name: string; readonly bootState: string }[];
  readonly removed: readonly string[];
};

test('when a node that was named is removed, the rest of the selection stays live', async (t) => {
  const { port, nodes } = await serveApi(t);
  for (const [at, name] of ['a', 'b', 'c'].entries()) nodes.store.add({ name, macs: [macOf(at)] });
  const path = '/api/v1/installs/watch?select=a&select=x-[0-1],c&select=state%3Dfailed';
  nodes.store.add({ name: 'x-0', macs: [macOf(9)] });
  const source = await openEventSource({ port, path });
  const next = async (): Promise<News> => JSON.parse((await source.next()).data);
  t.deepEqual(
    (await next()).nodes.map(({ name }) => name),
    ['a'],
  );
  nodes.store.removeAll(['a', 'x-0']);
  t.like(await next(), { nodes: [], removed: ['a'] });
  nodes.store.boot(['b'], 'install');
  nodes.store.happen('b', { kind: 'failure', reason: 'no disk' });
  t.like(await next(), { nodes: [{ name: 'b', bootState: 'failed' }], removed: [] });
  nodes.store.add({ name: 'a', macs: [macOf(0)] });
  t.like(await next(), { nodes: [{ name: 'a' }] });
  source.leave();
});
