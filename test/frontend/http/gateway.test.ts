import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import test from 'ava';
import { createGateway } from '../../../src/frontend/http/gateway.ts';
import { createNetworkFilter } from '../../../src/tracker/networks.ts';

/** What the gateway does with a request from an address: refused, or passed on, as whose. */
async function decide(
  remoteAddress: string | undefined,
  from: 'network' | 'control' = 'network',
  headers: IncomingMessage['headers'] = {},
) {
  let outcome = 'nothing';
  const gateway = createGateway({
    tracker: { handle: () => false },
    isInNetworks: createNetworkFilter(['10.1.0.0/16', 'fd00::/8']),
    createApp: (isOperator) => (request) => {
      outcome = isOperator(request) ? 'operator' : 'guest';
      return Promise.resolve();
    },
  });
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers);
  const response = new ServerResponse(request);
  await (from === 'control' ? gateway.fromControl : gateway.fromNetwork)(request, response);
  if (outcome !== 'nothing') return outcome;
  return response.destroyed ? 'closed' : response.statusCode;
}

const decisions: readonly [string | undefined, string | number][] = [
  ['10.1.200.7', 'guest'],
  ['::ffff:10.1.200.7', 'guest'],
  ['fd00::7', 'guest'],
  ['10.2.0.1', 403],
  ['::ffff:10.2.0.1', 403],
  ['2001:db8::1', 403],
  ['127.0.0.1', 'operator'],
  ['::ffff:127.0.0.1', 'operator'],
  ['::1', 'operator'],
  [undefined, 'closed'],
];
for (const [address, outcome] of decisions) {
  test(`a request from ${address} is ${outcome}`, async (t) => {
    t.is(await decide(address), outcome);
  });
}

test('what a proxy on this machine passes on is nobody’s without a token', async (t) => {
  for (const name of ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip']) {
    t.is(await decide('127.0.0.1', 'network', { [name]: '10.1.200.7' }), 'guest');
  }
});

test('the control socket is for operators, though it has no address', async (t) => {
  t.is(await decide(undefined, 'control'), 'operator');
});

test('what the tracker answers goes no further', async (t) => {
  const gateway = createGateway({
    tracker: {
      handle: (_, response) => {
        response.end('announced');
        return true;
      },
    },
    isInNetworks: () => true,
    createApp: () => () => Promise.reject(new Error('not for the app')),
  });
  const server = createServer((...exchange) => void gateway.fromNetwork(...exchange));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  t.is(await (await fetch(`http://127.0.0.1:${port}/announce`)).text(), 'announced');
});
