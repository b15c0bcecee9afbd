import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { createOperations } from '../../../src/frontend/http/api/operations.ts';
import { createApp } from '../../../src/frontend/http/app.ts';
import { createGateway } from '../../../src/frontend/http/gateway.ts';
import { createOpenStreams } from '../../../src/frontend/http/open-streams.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { createIdentify } from '../../../src/frontend/operators/identify.ts';
import { createProfiles } from '../../../src/frontend/profiles/main.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createTracker } from '../../../src/tracker/main.ts';
import { ask } from './client.ts';
import { catalogOf } from './fixture.ts';

const figures = {
  ...{ sentToPeersBytes: 0, sentByHttpBytes: 0, sentBootBytes: 0 },
  ...{ fallbacksRunning: 0, fallbacksRefused: 0, dhcp: undefined, tftp: undefined },
};

const nobody = { node: undefined, machine: undefined, isCertain: false };
const noInstalls = {
  holderOf: () => ({ kind: 'unknown' }) as const,
  ended: (node: MachineNode) => node,
  askedAgain: (node: MachineNode) => node,
};

/** The frontend's routes as a client of this address finds them; its reload always fails. */
async function serveTo(t: ExecutionContext, address: string) {
  const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  const notForIt = () => Promise.reject(new Error('expected no such request'));
  const noScript = () => {
    throw new Error('expected no such request');
  };
  const tracker = createTracker(
    { log: silentLog, catalog: { has: () => false, nameOf: () => undefined, list: () => [] } },
    { listen: { host: '127.0.0.1', port: 0 }, networks: [] },
  );
  const trees = catalogOf([]);
  const logged: string[] = [];
  const log = { ...silentLog, error: (message: string) => void logged.push(message) };
  const gateway = createGateway({
    tracker: { handle: () => false },
    isInNetworks: (each) => each === '10.1.0.5',
    createApp: (isLocal: (request: IncomingMessage) => boolean) =>
      createApp({
        ...{ log, install: notForIt, boot: notForIt, kickstart: notForIt },
        reports: {
          ...{ installs: noInstalls, who: () => nobody, trustsAddress: false },
          hideSecrets: (_node, text) => text,
        },
        operations: createOperations({
          ...{ log, nodes, trees, bootActions: new Map() },
          progress: { of: () => undefined, follow: () => () => {} },
          profiles: createProfiles({ folders: [] }),
          reload: () => Promise.reject(new Error('a secret of the frontend')),
          ...{ renderScript: noScript, hideSecrets: (_node, text) => text },
          ...{ inspectBoot: notForIt, images: notForIt, runs: { list: notForIt, read: notForIt } },
        }),
        files: { find: notForIt },
        sessions: { open: () => '', close: () => '' },
        identify: createIdentify({ log, tokens: nodes.tokens, isLocal }),
        streams: createOpenStreams({ log, tokens: nodes.tokens }),
        progress: { holderOf: noInstalls.holderOf, take: () => 'over' },
        hasRole: () => false,
        orders: {
          report: () => {
            throw new Error('nobody reports here');
          },
        },
        trees,
        tracker,
        figures: () => figures,
        startedAtMs: 0,
      }),
  });
  const server = createServer((request, response) => {
    Object.defineProperty(request.socket, 'remoteAddress', { value: address });
    void gateway.fromNetwork(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(async () => {
    server.close();
    await nodes.close();
  });
  const place = server.address();
  const port = typeof place === 'object' ? (place?.port ?? 0) : 0;
  const errorOf = async (target: string, method = 'GET') => {
    const { status, headers, body } = await ask(port, target, { method });
    t.regex(headers['content-type'] ?? '', /^application\/json/, `${method} ${target}`);
    return [status, JSON.parse(String(body)).error];
  };
  return { port, logged, errorOf };
}

test('who is of no configured network is refused in JSON below /api, in a line elsewhere', async (t) => {
  const { port, errorOf } = await serveTo(t, '172.16.0.9');
  const text = 'expected an address of the configured networks, got 172.16.0.9';
  for (const path of ['/api', '/api/v1/nodes', '/api/v1/none', '/api?x=1']) {
    t.deepEqual(await errorOf(path), [403, text]);
  }
  for (const path of ['/boot/x', '/apis', '/']) {
    const { status, headers, body } = await ask(port, path);
    t.deepEqual([status, String(body)], [403, `${text}\n`]);
    t.regex(headers['content-type'] ?? '', /^text\/plain/);
  }
});

test('who is no operator is refused in JSON, whatever it wants of the API', async (t) => {
  const { errorOf } = await serveTo(t, '10.1.0.5');
  const text = /^expected an operator on this machine, or a token of 'scree token create'/;
  for (const path of ['/api/v1/nodes', '/api/v1/nodes/a/events?follow', '/api/v1/trees']) {
    const [status, error] = await errorOf(path);
    t.is(status, 401);
    t.regex(error, text);
  }
  t.is((await errorOf('/api/v1/nodes', 'POST'))[0], 401);
});

test('wrong methods and failures are told in JSON, without what they are about', async (t) => {
  const { logged, errorOf } = await serveTo(t, '127.0.0.1');
  t.deepEqual(await errorOf('/api/v1/trees/reload'), [
    405,
    'expected POST, got GET /api/v1/trees/reload',
  ]);
  t.deepEqual(await errorOf('/api/v1/trees', 'DELETE'), [
    405,
    'expected HEAD, GET, got DELETE /api/v1/trees',
  ]);
  t.is((await errorOf('/api/v1/trees', 'PROPFIND'))[0], 501);
  const [status, text] = await errorOf('/api/v1/trees/reload', 'POST');
  t.is(status, 500);
  t.regex(text, /^expected to answer, but the frontend failed; its log says/);
  t.deepEqual(logged, ['request failed']);
});
