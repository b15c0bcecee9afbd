import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { EventStreamParser, openEventSource } from '../../../support/event-source.ts';
import { macOf } from '../../nodes/fixture.ts';
import { serveApi } from './api-fixture.ts';

type News = {
  readonly nodes: readonly { readonly name: string; readonly bootState: string }[];
  readonly removed: readonly string[];
};
const path = '/api/v1/installs/follow';

test('the states of all nodes come first, then those that change, and those that go', async (t) => {
  const { port, nodes } = await serveApi(t);
  for (let at = 0; at < 3; at += 1) nodes.store.add({ name: `n${at}`, macs: [macOf(at)] });
  const source = await openEventSource({ port, path });
  const next = async (): Promise<News> => JSON.parse((await source.next()).data);
  t.deepEqual(
    (await next()).nodes.map(({ name, bootState }) => [name, bootState]),
    [
      ['n0', 'os'],
      ['n1', 'os'],
      ['n2', 'os'],
    ],
  );
  nodes.store.boot(['n1'], 'install');
  t.like(await next(), { nodes: [{ name: 'n1', bootState: 'install' }], removed: [] });
  nodes.store.removeAll(['n0']);
  t.deepEqual(await next(), { nodes: [], removed: ['n0'] });
  source.leave();
});

test('for who reads nothing nothing piles up; it is told how things stand when it reads', async (t) => {
  const { port, nodes } = await serveApi(t);
  const names = Array.from({ length: 300 }, (_, at) => `node-${at}-${'x'.repeat(50)}`);
  for (const [at, name] of names.entries()) nodes.store.add({ name, macs: [macOf(at)] });
  const request = get({ host: '127.0.0.1', port, path, agent: false });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('expected a response, got none');
  response.pause();
  const rounds = 150;
  for (let round = 0; round < rounds; round += 1) {
    nodes.store.boot(names, round % 2 === 0 ? 'install' : 'os');
    await delay(0);
  }
  nodes.store.boot(names.slice(0, 1), 'install');
  const parser = new EventStreamParser();
  const states = new Map<string, string>();
  let toldCount = 0;
  for await (const chunk of response.setEncoding('utf8')) {
    for (const { data } of parser.push(String(chunk))) {
      const news: News = JSON.parse(data);
      toldCount += news.nodes.length;
      for (const { name, bootState } of news.nodes) states.set(name, bootState);
    }
    const armed = [...states].filter(([, state]) => state !== 'os').map(([name]) => name);
    if (states.size === names.length && armed.join() === names[0]) break;
  }
  request.destroy();
  t.true(toldCount < names.length * rounds, `${toldCount} told`);
});
