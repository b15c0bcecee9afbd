import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { Script } from '../support/origin.ts';
import { openSocket, parseResponses, sendRaw } from '../support/raw-http.ts';
import { bytesOf } from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const end = 'Connection: close\r\n\r\n';

test('status, reason, headers and body come back as they are', async (t) => {
  const body = gzipSync('a kickstart');
  const { agent } = await startWith(t, '/install/sbin/kickstart.cgi', (_request, response) => {
    response.sendDate = false;
    response.writeHead(203, 'Quite Fine', [
      ['X-Avalanche-Trackers', '10.1.1.1'],
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['Content-Encoding', 'gzip'],
      ['Content-Length', String(body.length)],
      ['Connection', 'X-Hop'],
      ['X-Hop', 'not for the installer'],
      ['Proxy-Authenticate', 'not for it either'],
    ]);
    response.end(body);
  });
  const bytes = await sendRaw(
    agent.address,
    `GET //install/sbin/kickstart.cgi?arch=x86_64&np=4 HTTP/1.1\r\nHost: x\r\n${end}`,
  );
  t.true(bytes.toString('latin1').startsWith('HTTP/1.1 203 Quite Fine\r\n'));
  const [response] = parseResponses(bytes, ['GET']);
  t.deepEqual(
    response?.headers.filter(([name]) => name !== 'connection'),
    [
      ['x-avalanche-trackers', '10.1.1.1'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['content-encoding', 'gzip'],
      ['content-length', String(body.length)],
    ],
  );
  t.deepEqual(response?.body, body);
});

test('the frontend is asked from the address that peers know, where there is one', async (t) => {
  const seen: unknown[] = [];
  const askedFrom = async (host: string, noSwarmPort = false) => {
    const prepare = ({ scripts }: { readonly scripts: Map<string, Script> }) =>
      scripts.set('/x', (request, response) => {
        seen.push(request.socket.remoteAddress);
        response.end();
      });
    const config = { swarm: { host, port: 0 } };
    const { agent } = await startTestAgent(t, [], { config, prepare, noSwarmPort });
    await sendRaw(agent.address, `GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n${end}`);
    return seen.at(-1);
  };
  t.is(await askedFrom('127.0.0.9'), '127.0.0.9');
  t.is(await askedFrom('0.0.0.0'), '127.0.0.1');
  t.is(await askedFrom('127.0.0.9', true), '127.0.0.1', 'one that is not there harms nothing');
});

test('the request goes on with its path, query and headers, but the host is the frontend', async (t) => {
  const seen: unknown[] = [];
  const { agent, origin } = await startWith(t, '/x', (request, response) => {
    seen.push(request.url, request.rawHeaders);
    response.end();
  });
  const head = [
    'GET /x?a=%2b+&b= HTTP/1.1',
    'Host: 127.0.0.1',
    'X-RHN-Provisioning-MAC-0: eth0 00:11:22:33:44:55 ks',
    'X-Rhn-Provisioning-Mac-0: eth1 00:11:22:33:44:56',
    'Accept-Encoding: gzip',
    'Keep-Alive: 5',
    'TE: trailers',
    'Connection: close, X-Mine',
    'X-Mine: 1',
  ];
  await sendRaw(agent.address, `${head.join('\r\n')}\r\n\r\n`);
  t.deepEqual(seen, [
    '/x?a=%2b+&b=',
    [
      ...['Host', origin.url.host],
      ...['X-RHN-Provisioning-MAC-0', 'eth0 00:11:22:33:44:55 ks'],
      ...['X-Rhn-Provisioning-Mac-0', 'eth1 00:11:22:33:44:56'],
      ...['Accept-Encoding', 'gzip'],
      ...['Connection', 'keep-alive'],
    ],
  ]);
});

test('a redirect is the installer\u2019s to follow', async (t) => {
  const { base } = await startWith(t, '/old', (_request, response) => {
    response.writeHead(302, { location: 'http://elsewhere.test/new' });
    response.end();
  });
  const response = await fetch(`${base}/old`, { redirect: 'manual' });
  t.is(response.status, 302);
  t.is(response.headers.get('location'), 'http://elsewhere.test/new');
});

test('bodies go both ways, with a length and in chunks', async (t) => {
  const sent = bytesOf('upload', 3_000_000);
  const { base } = await startWith(t, '/echo', (request, response) => {
    response.writeHead(200, {
      'x-length': request.headers['content-length'] ?? 'none',
      'x-encoding': request.headers['transfer-encoding'] ?? 'none',
    });
    request.pipe(response);
  });
  const whole = await fetch(`${base}/echo`, { method: 'POST', body: sent });
  t.is(whole.headers.get('x-length'), '3000000');
  t.true(sent.equals(Buffer.from(await whole.arrayBuffer())));
  const stream = new Blob([sent]).stream();
  const chunked = await fetch(`${base}/echo`, { method: 'PUT', body: stream, duplex: 'half' });
  t.is(chunked.headers.get('x-encoding'), 'chunked');
  t.true(sent.equals(Buffer.from(await chunked.arrayBuffer())));
  const empty = await fetch(`${base}/echo`, { method: 'POST' });
  t.is(empty.headers.get('x-length'), '0');
});

test('a POST with Expect gets its 100 and its answer', async (t) => {
  const { agent } = await startWith(t, '/echo', (request, response) => {
    response.setHeader('x-expect', request.headers.expect ?? 'none');
    request.pipe(response);
  });
  const socket = await openSocket(agent.address);
  const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n';
  socket.write(`${head}${end}`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  t.is(first.toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('hello');
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const [response] = parseResponses(Buffer.concat(chunks), ['POST']);
  t.is(response?.body.toString(), 'hello');
  t.deepEqual(response?.headers.find(([name]) => name === 'x-expect')?.[1], 'none');
});

test('a long body is not kept in memory while the installer does not read', async (t) => {
  let written = 0;
  const { agent } = await startWith(t, '/flood', async (_request, response) => {
    const block = Buffer.alloc(2 ** 20);
    response.on('error', () => {});
    for (let at = 0; at < 100 && !response.destroyed; at += 1) {
      written += block.length;
      if (response.write(block)) continue;
      await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  });
  const socket = await openSocket(agent.address);
  socket.pause();
  socket.write(`GET /flood HTTP/1.1\r\nHost: x\r\n${end}`);
  await sleep(700);
  t.true(written < 40 * 2 ** 20, `${written} bytes`);
  socket.destroy();
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
});

test('the frontend is told when the installer goes away', async (t) => {
  let closed = false;
  const { agent } = await startWith(t, '/endless', (_request, response) => {
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => {
      clearInterval(timer);
      closed = true;
    });
  });
  const socket = await openSocket(agent.address);
  socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await eventually(t, () => closed, 'the frontend to see the end');
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
});

for (const framing of ['content-length', 'chunked'] as const) {
  test(`a body with ${framing} that breaks off there never looks whole here`, async (t) => {
    const { agent } = await startWith(t, '/broken', (_request, response) => {
      if (framing === 'content-length') response.setHeader('content-length', 100_000);
      response.write('x'.repeat(50_000));
      setTimeout(() => response.destroy(), 50);
    });
    const bytes = await sendRaw(agent.address, `GET /broken HTTP/1.1\r\nHost: x\r\n\r\n`);
    t.true(bytes.length > 50_000);
    t.throws(() => parseResponses(bytes, ['GET']), { message: /expected/ });
  });
}

test('a response without length or chunks is passed on to its end', async (t) => {
  const { base } = await startWith(t, '/old', (request) => {
    request.socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end');
  });
  t.is(await (await fetch(`${base}/old`)).text(), 'until the end');
});

test('HEAD and answers without a body have none, and the connection goes on', async (t) => {
  const { agent, origin } = await startTestAgent(t, []);
  origin.scripts.set('/head', (_request, response) => {
    response.writeHead(200, { 'content-length': 1_000 });
    response.end();
  });
  origin.scripts.set('/204', (_request, response) => void response.writeHead(204).end());
  origin.scripts.set('/304', (_request, response) => {
    response.writeHead(304, { etag: '"x"' });
    response.end();
  });
  const host = 'HTTP/1.1\r\nHost: x\r\n';
  const bytes = await sendRaw(
    agent.address,
    `HEAD /head ${host}\r\nGET /204 ${host}\r\nGET /304 ${host}\r\nGET /none ${host}${end}`,
  );
  const responses = parseResponses(bytes, ['HEAD', 'GET', 'GET', 'GET']);
  t.deepEqual(
    responses.map(({ status }) => status),
    [200, 204, 304, 404],
  );
});

test('an answer that no client could read is told as 502', async (t) => {
  const { agent } = await startWith(t, '/garbage', (request) => {
    request.socket.end('HTTP/1.1 999999 what\r\n\r\n');
  });
  const limits = `GET /garbage HTTP/1.1\r\nHost: x\r\n${end}`;
  const [response] = parseResponses(await sendRaw(agent.address, limits), ['GET']);
  t.is(response?.status, 502);
});

test('a refusal before the body was sent reaches the installer', async (t) => {
  const { agent } = await startWith(t, '/small', (_request, response) => {
    response.writeHead(413, { connection: 'close' });
    response.end('too large');
  });
  const socket = await openSocket(agent.address);
  socket.write('POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await eventually(t, () => Buffer.concat(chunks).includes('413'), 'the refusal');
  socket.destroy();
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
});

test('what the frontend never answers ends in 504 after the limit, what it begins is cut', async (t) => {
  const { agent, origin } = await startTestAgent(t, [], { limits: shortLimits });
  origin.scripts.set('/never', () => {});
  origin.scripts.set('/begun', (_request, response) => begin(response));
  const [never] = parseResponses(
    await sendRaw(agent.address, `GET /never HTTP/1.1\r\nHost: x\r\n${end}`),
    ['GET'],
  );
  t.is(never?.status, 504);
  t.regex(never?.body.toString() ?? '', /none came for 4000 ms/);
  const begun = await sendRaw(agent.address, 'GET /begun HTTP/1.1\r\nHost: x\r\n\r\n');
  t.throws(() => parseResponses(begun, ['GET']));
  t.like(agent.status(), { requestsInFlight: 0, requestsFailed: 2 });
});

test('a body that comes slowly, but comes, is not cut', async (t) => {
  const { base } = await startWith(
    t,
    '/slow',
    async (_request, response) => {
      for (let at = 0; at < 8; at += 1) {
        response.write('.');
        await sleep(700);
      }
      response.end();
    },
    shortLimits,
  );
  t.is(await (await fetch(`${base}/slow`)).text(), '........');
});

test('a frontend that restarts in the middle costs a pause, not an error', async (t) => {
  const { base, origin, agent } = await startWith(t, '/x', (request, response) => {
    request.pipe(response);
  });
  await origin.stop();
  const asked = Promise.all([
    fetch(`${base}/x`),
    fetch(`${base}/x`, { method: 'POST', body: 'done' }),
    fetch(`${base}/none`),
  ]);
  await sleep(800);
  t.is(agent.status().requestsInFlight, 3);
  await origin.start();
  const answers = await asked;
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 404],
  );
  t.is(await answers[1].text(), 'done');
});

test('kept connections that the frontend has closed are not noticed', async (t) => {
  const { base, origin } = await startWith(t, '/x', (_request, response) => void response.end('x'));
  for (let at = 0; at < 5; at += 1) {
    const texts = await Promise.all([1, 2, 3].map(async () => (await fetch(`${base}/x`)).text()));
    t.deepEqual(texts, ['x', 'x', 'x']);
    await origin.stop();
    await origin.start();
  }
});

test('a frontend that stays away is told as 504', async (t) => {
  const { base, origin } = await startTestAgent(t, [], { limits: shortLimits });
  await origin.stop();
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${base}/x`, { method });
    t.is(response.status, 504);
    t.regex(await response.text(), /expected an answer from the frontend.*is it running\?/);
  }
});

function begin(response: ServerResponse): void {
  response.setHeader('content-length', 10);
  response.write('x');
}

function startWith(
  t: Parameters<typeof startTestAgent>[0],
  path: string,
  script: Script | ((...of: Parameters<Script>) => Promise<void>),
  limits = {},
) {
  return startTestAgent(t, [], {
    limits,
    prepare: (origin) =>
      origin.scripts.set(path, (request, response) => void script(request, response)),
  });
}
