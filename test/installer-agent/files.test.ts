import test from 'ava';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { headerOf, parseResponses, type RawResponse, sendRaw } from '../support/raw-http.ts';
import { bytesOf, digestOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { startTestAgent } from '../support/test-agent.ts';

const tree = makeSmallTree({
  keys: makeKeys(),
  files: {
    'Packages/big.rpm': bytesOf('big', 200_001),
    'dists/Release': bytesOf('release', 3_000),
    empty: '',
    'pool/g++~1.0_ä b%.deb': bytesOf('g++', 70_000),
    'repodata/repomd.xml': '<repomd/>',
  },
  links: [{ path: 'latest', target: 'Packages' }],
});
const big = '/install/lab/Packages/big.rpm';
const bigFile = tree.manifest.files[0];
const etag = `"${bigFile?.sha256.slice(0, 32)}"`;
const lastModified = new Date(bigFile?.mtimeMs ?? 0).toUTCString();
const older = new Date((bigFile?.mtimeMs ?? 0) - 5000).toUTCString();

/** Request lines and headers; each must be answered as the frontend answers it. */
const shapes: readonly (readonly [string, readonly string[]])[] = [
  [`GET ${big}`, []],
  [`HEAD ${big}`, []],
  ['GET /install/lab/empty', []],
  ['HEAD /install/lab/empty', []],
  ['GET /install/lab/empty', ['Range: bytes=0-0']],
  ['GET /install/lab@1/dists/Release', []],
  ['GET //install//lab//dists/Release', []],
  ['GET /install/lab/repodata/repomd.xml', ['Cache-Control: no-cache', 'Pragma: no-cache']],
  ['GET /install/lab/latest/big.rpm', []],
  ['GET /install/lab/pool/g++~1.0_%C3%A4%20b%25.deb', []],
  ['GET /install/lab/pool/g%2b%2B%7e1.0_%c3%a4%20b%25.deb?v=1', []],
  [`GET ${big}`, ['Range: bytes=0-0']],
  [`GET ${big}`, ['Range: bytes=100-70000']],
  [`GET ${big}`, ['Range: bytes=200000-']],
  [`GET ${big}`, ['Range: bytes=-1']],
  [`GET ${big}`, ['Range: bytes=-999999']],
  [`GET ${big}`, ['Range: bytes=200001-']],
  [`GET ${big}`, ['Range: bytes=5-4']],
  [`GET ${big}`, ['Range: bytes=x']],
  [`GET ${big}`, ['Range: lines=1-2']],
  [`GET ${big}`, ['Range: bytes=0-99,200-299']],
  [`GET ${big}`, ['Range: bytes=100000-100001,0-3,-7']],
  [`GET ${big}`, ['Range: bytes=0-200000,5-6']],
  [`HEAD ${big}`, ['Range: bytes=0-99']],
  [`GET ${big}`, ['Range: bytes=100-', `If-Range: ${etag}`]],
  [`GET ${big}`, ['Range: bytes=100-', `If-Range: ${lastModified}`]],
  [`GET ${big}`, ['Range: bytes=100-', 'If-Range: "other"']],
  [`GET ${big}`, [`If-None-Match: ${etag}`]],
  [`GET ${big}`, ['If-None-Match: "a", *']],
  [`HEAD ${big}`, [`If-None-Match: W/${etag}`]],
  [`GET ${big}`, [`If-Modified-Since: ${lastModified}`]],
  [`GET ${big}`, [`If-Modified-Since: ${older}`]],
  [`GET ${big}`, ['If-Modified-Since: yesterday']],
  [`GET ${big}`, [`If-Unmodified-Since: ${older}`]],
  [`GET ${big}`, ['If-Match: "other"']],
  [`GET ${big}`, [`If-Match: ${etag}`]],
  [`GET ${big}`, ['Expect: 100-continue']],
  [`GET ${big}`, ['Accept-Encoding: gzip, deflate, br']],
  ['GET /install/lab/none', []],
  ['HEAD /install/lab/none', []],
  ['GET /install/lab/Packages', []],
  ['GET /install/lab/Packages/', []],
  ['GET /install/lab/../../etc/passwd', []],
  ['GET /install/lab/%2e%2e/%2e%2e/etc/passwd', []],
  ['GET /install/lab/a%00b', []],
  ['GET /install/lab/%zz', []],
  ['GET /install/other/file', []],
  ['GET /install/lab@7/dists/Release', []],
  ['GET /install/trees.json', []],
  ['GET /install/lab@1.manifest.json', []],
  ['GET /install/lab@1.torrent', []],
  ['GET /', []],
];

test('each shape of request is answered byte for byte and header for header as by the frontend', async (t) => {
  const { agent, origin, swarm } = await startTestAgent(t, [tree]);
  for (const [line, headers] of shapes) {
    const name = [line, ...headers].join(', ');
    const { hostname: host, port } = origin.url;
    const direct = await ask({ host, port: Number(port) }, line, headers);
    t.deepEqual(comparable(await ask(agent.address, line, headers)), comparable(direct), name);
  }
  t.true(swarm.reads() > 20);
  const { passedThroughBytes, fromFrontendBytes, fromSwarmBytes } = agent.status();
  t.true(fromSwarmBytes > 1_000_000);
  t.is(fromFrontendBytes, 0);
  t.true(passedThroughBytes < 10_000);
});

test('no byte of a tree that the swarm has is asked of the frontend', async (t) => {
  const { base, origin } = await startTestAgent(t, [tree]);
  const response = await fetch(`${base}${big}`);
  const body = Buffer.from(await response.arrayBuffer());
  t.is(digestOf(body), digestOf(tree.files.get('Packages/big.rpm')));
  t.deepEqual(
    origin.log.filter((line) => line.includes('big.rpm')),
    [],
  );
});

test('HEAD, 304, 412 and 416 need no swarm', async (t) => {
  const { agent, swarm } = await startTestAgent(t, [tree]);
  await ask(agent.address, `HEAD ${big}`, []);
  await ask(agent.address, `GET ${big}`, [`If-None-Match: ${etag}`]);
  await ask(agent.address, `GET ${big}`, ['If-Match: "other"']);
  await ask(agent.address, `GET ${big}`, ['Range: bytes=999999-']);
  t.is(swarm.reads(), 0);
});

test('bytes go out while the rest of the file is still on its way', async (t) => {
  const { base, swarm } = await startTestAgent(t, [tree]);
  swarm.behaviour.delayMs = 40;
  const response = await fetch(`${base}${big}`);
  const sizes: number[] = [];
  for await (const chunk of response.body ?? []) sizes.push(chunk.length);
  t.true(sizes.length >= 4, sizes.join());
  t.is(
    sizes.reduce((sum, size) => sum + size, 0),
    200_001,
  );
});

test('an HTTP/1.0 client gets the file and the end of the connection', async (t) => {
  const { agent } = await startTestAgent(t, [tree]);
  const bytes = await sendRaw(agent.address, `GET ${big} HTTP/1.0\r\n\r\n`);
  const [response] = parseResponses(bytes, ['GET']);
  t.is(response?.status, 200);
  t.is(digestOf(response?.body), digestOf(tree.files.get('Packages/big.rpm')));
});

test('the status says what is held, and the health page that the agent lives', async (t) => {
  const { base, agent } = await startTestAgent(t, [tree]);
  await (await fetch(`${base}${big}`)).arrayBuffer();
  t.is(await (await fetch(`${base}/agent/healthz`)).text(), 'ok\n');
  const response = await fetch(`${base}/agent/status`);
  t.is(response.headers.get('content-type'), 'application/json');
  const status = (await response.json()) as AgentStatus;
  t.like(status, {
    version: 'test',
    requestsInFlight: 1,
    requestsRefused: 0,
    fromSwarmBytes: 200_001,
  });
  const { infohash, pieceCount } = tree.metainfo;
  t.like(status.trees[0], {
    name: 'lab',
    generation: 1,
    state: 'ready',
    inSwarm: true,
    infohash,
    pieceCount,
    piecesHeld: pieceCount,
    peers: [],
  });
  t.is(agent.status().requestsServed, 3);
});

async function ask(
  endpoint: { readonly host: string; readonly port: number },
  line: string,
  headers: readonly string[],
): Promise<RawResponse> {
  const head = [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers];
  const bytes = await sendRaw(endpoint, `${head.join('\r\n')}\r\n\r\n`);
  const [response] = parseResponses(bytes, [line.split(' ')[0] ?? '']);
  if (response === undefined) throw new Error(`no response to ${line}`);
  return response;
}

/** All of a response but what belongs to the moment. */
function comparable(response: RawResponse) {
  const headers = response.headers.filter(([name]) => name !== 'date').sort();
  const hasDate = headerOf(response, 'date') !== undefined;
  return { status: response.status, headers, hasDate, body: digestOf(response.body) };
}
