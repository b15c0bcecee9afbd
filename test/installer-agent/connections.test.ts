import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openSocket, parseResponses, sendRaw } from '../support/raw-http.ts';
import { bytesOf, digestOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const names = Array.from({ length: 25 }, (_, at) => `pool/p${at}.deb`);
const tree = makeSmallTree({
  keys: makeKeys(),
  files: Object.fromEntries(names.map((name, at) => [name, bytesOf(name, 1_000 + at * 9_000)])),
});
const large = makeSmallTree({
  keys: makeKeys(),
  name: 'large',
  files: { 'big.iso': bytesOf('iso', 8 * 2 ** 20) },
  pieceLengthBytes: 64 * 1024,
});

test('pipelined requests in one segment are answered in order', async (t) => {
  const { agent, swarm } = await startTestAgent(t, [tree]);
  swarm.behaviour.delayMs = 2;
  const requests = names.map((name) => `GET /install/lab/${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const last = 'GET /agent/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const bytes = await sendRaw(agent.address, requests.join('') + last);
  const responses = parseResponses(
    bytes,
    [...names, 'last'].map(() => 'GET'),
  );
  const bodies = responses.slice(0, -1).map(({ body }) => digestOf(body));
  t.deepEqual(
    bodies,
    names.map((name) => digestOf(tree.files.get(name))),
  );
  t.is(responses.at(-1)?.body.toString(), 'ok\n');
});

test('pipelined requests of all kinds keep their order', async (t) => {
  const { agent } = await startTestAgent(t, [tree]);
  const lines = [
    'GET /install/lab/pool/p20.deb',
    'GET /install/lab/none',
    'HEAD /install/lab/pool/p3.deb',
    'GET /agent/status',
    'GET /install/lab/pool/p4.deb',
    'GET /nothing',
  ];
  const requests = lines.map((line) => `${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const last = 'GET /install/lab/pool/p0.deb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const bytes = await sendRaw(agent.address, requests.join('') + last);
  const methods = [...lines, last].map((line) => line.split(' ')[0] ?? '');
  const responses = parseResponses(bytes, methods);
  t.deepEqual(
    responses.map(({ status }) => status),
    [200, 404, 200, 200, 200, 404, 200],
  );
});

test('of many pipelined requests only some are worked on at once', async (t) => {
  const { agent, swarm } = await startTestAgent(t, [tree]);
  swarm.behaviour.mode = 'empty';
  const request = 'GET /install/lab/pool/p5.deb HTTP/1.1\r\nHost: x\r\n\r\n';
  const socket = await openSocket(agent.address);
  socket.write(request.repeat(200));
  await eventually(t, () => swarm.activeReads() >= 10, 'ten reads');
  await sleep(50);
  t.is(swarm.activeReads(), 10);
  t.is(agent.status().requestsInFlight, 200);
  socket.destroy();
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
  await eventually(t, () => swarm.activeReads() === 0, 'no read');
});

test('a request that waits for its turn is not late', async (t) => {
  const { agent } = await startTestAgent(t, [tree], {
    limits: { stallMs: 2_500 },
    prepare: ({ scripts }) =>
      scripts.set('/slow', (_request, response) => {
        setTimeout(() => response.end('slow'), 800);
      }),
  });
  const host = 'HTTP/1.1\r\nHost: x\r\n';
  const requests = `GET /slow ${host}\r\n`.repeat(41);
  const last = `GET /install/lab/pool/p0.deb ${host}Connection: close\r\n\r\n`;
  const bytes = await sendRaw(agent.address, requests + last);
  const responses = parseResponses(
    bytes,
    Array.from({ length: 42 }, () => 'GET'),
  );
  t.deepEqual(
    responses.filter(({ status }) => status !== 200),
    [],
  );
});

test('one slow request does not keep others on the same connection from finishing', async (t) => {
  const { agent } = await startTestAgent(t, [tree], {
    prepare: (origin) =>
      origin.scripts.set('/slow', (_request, response) => {
        setTimeout(() => response.end('slow'), 200);
      }),
  });
  const host = 'HTTP/1.1\r\nHost: x\r\n';
  const bytes = await sendRaw(
    agent.address,
    `GET /slow ${host}\r\nGET /install/lab/pool/p24.deb ${host}Connection: close\r\n\r\n`,
  );
  const [slow, file] = parseResponses(bytes, ['GET', 'GET']);
  t.is(slow?.body.toString(), 'slow');
  t.is(digestOf(file?.body), digestOf(tree.files.get('pool/p24.deb')));
});

test('hundreds of requests in parallel and thousands in a row are answered', async (t) => {
  const { base, agent } = await startTestAgent(t, [tree]);
  const fetchOne = async (at: number) => {
    const name = names[at % names.length] ?? '';
    const response = await fetch(`${base}/install/lab/${name}`);
    return Buffer.from(await response.arrayBuffer()).equals(
      tree.files.get(name) ?? Buffer.alloc(0),
    );
  };
  for (let round = 0; round < 10; round += 1) {
    const results = await Promise.all(Array.from({ length: 200 }, (_, at) => fetchOne(at)));
    t.true(results.every(Boolean));
  }
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
  t.is(agent.status().requestsServed, 2_000);
});

test('a thousand installers that go away leave nothing behind', async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', onWarning);
  t.teardown(() => void process.off('warning', onWarning));
  const { agent, swarm } = await startTestAgent(t, [tree, large]);
  swarm.behaviour.delayMs = 5;
  const paths = ['/install/large/big.iso', '/install/lab/pool/p9.deb', '/install/lab/none'];
  for (let at = 0; at < 1_000; at += 1) {
    const socket = await openSocket(agent.address);
    const path = paths[at % paths.length];
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(1 + (at % 3)));
    if (at % 2 === 0) socket.once('data', () => socket.destroy());
    else setTimeout(() => socket.resetAndDestroy(), at % 10);
    if (at % 50 === 0) await sleep(5);
  }
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
  await eventually(t, () => swarm.activeReads() === 0, 'no read');
  t.deepEqual(warnings, []);
  const response = await fetch(`http://127.0.0.1:${agent.address.port}/install/lab/pool/p1.deb`);
  t.is((await response.arrayBuffer()).byteLength, 10_000);
});

test('an installer that reads slowly gets all of it, and little is kept for it', async (t) => {
  const { agent, swarm } = await startTestAgent(t, [large], { limits: shortLimits });
  const socket = await openSocket(agent.address);
  socket.pause();
  socket.write('GET /install/large/big.iso HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await eventually(t, () => swarm.reads() === 1, 'a read');
  await sleep(5_000);
  const { fromSwarmBytes } = agent.status();
  t.true(fromSwarmBytes < 8 * 2 ** 20, `${fromSwarmBytes} bytes taken from the swarm`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const [response] = parseResponses(Buffer.concat(chunks), ['GET']);
  t.true(response?.body.equals(large.stream));
});

test('another machine is told 403 and its connection closed, whatever host it names', async (t) => {
  const outside = outsideAddress();
  if (outside === undefined) {
    t.pass('this machine has loopback addresses only');
    return;
  }
  const { agent, origin } = await startTestAgent(t, [tree], { host: '0.0.0.0' });
  const endpoint = { host: outside, port: agent.address.port };
  const requests = [
    'GET /install/lab/pool/p1.deb HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'GET http://127.0.0.1/agent/status HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n',
  ];
  for (const request of requests) {
    const [response] = parseResponses(await sendRaw(endpoint, request), ['GET']);
    t.is(response?.status, 403);
  }
  t.deepEqual(
    origin.log.filter((line) => !/trees\.json|@1\./.test(line)),
    [],
  );
  t.like(agent.status(), { remoteConnections: 3, requestsRefused: 3 });
});

test('it is no open proxy', async (t) => {
  const { agent, origin } = await startTestAgent(t, [tree]);
  const close = 'Host: x\r\nConnection: close\r\n\r\n';
  const elsewhere = `GET http://10.99.99.99/x HTTP/1.1\r\n${close}`;
  const tunnel = `CONNECT 10.99.99.99:443 HTTP/1.1\r\n${close}`;
  const own = `GET ${origin.url.origin}/install/lab/pool/p2.deb HTTP/1.1\r\n${close}`;
  for (const request of [elsewhere, tunnel]) {
    const [response] = parseResponses(await sendRaw(agent.address, request), ['GET']);
    t.is(response?.status, 403);
  }
  const [response] = parseResponses(await sendRaw(agent.address, own), ['GET']);
  t.is(digestOf(response?.body), digestOf(tree.files.get('pool/p2.deb')));
});

test('garbage is answered 400 and the next connection works', async (t) => {
  const { agent, base } = await startTestAgent(t, [tree]);
  for (const garbage of ['\x16\x03\x01\x02\x00', 'GET\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
    const bytes = await sendRaw(agent.address, garbage);
    t.regex(bytes.toString('latin1'), /^HTTP\/1\.1 4\d\d /);
  }
  const many = Array.from({ length: 3_000 }, (_, at) => `X-${at}: ${at}`).join('\r\n');
  await sendRaw(agent.address, '\0'.repeat(70_000));
  await sendRaw(agent.address, `GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n\r\n`);
  t.is((await fetch(`${base}/agent/healthz`)).status, 200);
});

test('the agent ends though an answer never would', async (t) => {
  const { agent, swarm } = await startTestAgent(t, [tree]);
  swarm.behaviour.mode = 'deaf';
  const socket = await openSocket(agent.address);
  socket.write('GET /install/lab/pool/p1.deb HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(t, () => swarm.reads() === 1, 'a read');
  await agent.close();
  await eventually(t, () => socket.closed, 'the connection closed');
  t.deepEqual(swarm.joined(), []);
});

function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
}
