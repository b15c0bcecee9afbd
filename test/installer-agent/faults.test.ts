import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Origin } from '../support/origin.ts';
import { parseResponses, sendRaw } from '../support/raw-http.ts';
import { bytesOf, digestOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const tree = makeSmallTree({
  keys: makeKeys(),
  files: {
    'first.deb': bytesOf('first', 5_000),
    'tiny/a': 'a',
    empty: '',
    'tiny/b ä%': 'bb',
    'big.rpm': bytesOf('big', 300_000),
    'last.deb': bytesOf('last', 7_000),
  },
});
const big = tree.files.get('big.rpm') ?? Buffer.alloc(0);
const limits = shortLimits;

test('a swarm that fails before the first byte is not noticed', async (t) => {
  const { base, swarm, agent, origin } = await startTestAgent(t, [tree], { limits });
  swarm.behaviour.mode = 'fails';
  for (const [path, content] of tree.files) {
    const url = `${base}/install/lab/${encodeURIComponent(path)}`;
    const response = await fetch(url, {
      headers: path === 'big.rpm' ? { range: 'bytes=9-99' } : {},
    });
    const body = Buffer.from(await response.arrayBuffer());
    t.is(digestOf(body), digestOf(path === 'big.rpm' ? content.subarray(9, 100) : content), path);
  }
  t.true(agent.status().fromFrontendBytes > 12_000);
  t.true(origin.log.some((line) => line === 'GET /install/lab@1/tiny/b%20%C3%A4%25'));
});

test('a swarm that fails in the middle of a body is not noticed', async (t) => {
  const { base, swarm, agent } = await startTestAgent(t, [tree], { limits });
  swarm.behaviour.failAfterBytes = 100_000;
  t.is(await digest(`${base}/install/lab/big.rpm`), digestOf(big));
  const { fromSwarmBytes, fromFrontendBytes } = agent.status();
  t.is(fromSwarmBytes + fromFrontendBytes, big.length);
  t.true(fromSwarmBytes >= 100_000);
});

test('a swarm that is empty is left after a while, and sooner the next time', async (t) => {
  const patience = { swarmPatienceMs: 2_000, doubtfulPatienceMs: 50, doubtMs: 10_000 };
  const { base, swarm } = await startTestAgent(t, [tree], {
    limits: { ...limits, ...patience, stallMs: 5_000 },
  });
  swarm.behaviour.mode = 'empty';
  t.is(await digest(`${base}/install/lab/big.rpm`), digestOf(big));
  const startMs = performance.now();
  t.is(await digest(`${base}/install/lab/last.deb`), digestOf(tree.files.get('last.deb')));
  t.true(performance.now() - startMs < 1_900);
});

test('a swarm that cannot be joined is tried again; until then the frontend serves', async (t) => {
  const { base, swarm, agent } = await startTestAgent(t, [tree], {
    limits,
    prepare: (_origin, { behaviour }) => {
      behaviour.joinFails = true;
    },
  });
  t.is(await digest(`${base}/install/lab/big.rpm`), digestOf(big));
  t.is(swarm.reads(), 0);
  t.like(agent.status().trees[0], { state: 'ready', inSwarm: false, piecesHeld: 0 });
  swarm.behaviour.joinFails = false;
  await sleep(250);
  await digest(`${base}/install/lab/last.deb`);
  await eventually(t, () => swarm.joined().length === 1, 'the swarm joined');
  t.is(await digest(`${base}/install/lab/big.rpm`), digestOf(big));
  t.true(swarm.reads() >= 1);
});

test('wrong bytes from the frontend reach no installer', async (t) => {
  const { agent, origin, swarm } = await startTestAgent(t, [tree], { limits });
  swarm.behaviour.mode = 'fails';
  const wrong = Buffer.from(big);
  wrong.writeUInt8(wrong.readUInt8(200_000) ^ 1, 200_000);
  serve(origin, '/install/lab@1/big.rpm', wrong);
  const whole = await sendRaw(agent.address, get('/install/lab/big.rpm'));
  t.is(parseResponses(whole, ['GET'])[0]?.status, 502);
  const range = await sendRaw(
    agent.address,
    get('/install/lab/big.rpm', 'Range: bytes=200000-200000'),
  );
  const [refused] = parseResponses(range, ['GET']);
  t.is(refused?.status, 502);
  t.regex(refused?.body.toString() ?? '', /expected piece \d+ as the torrent has it/);
});

test('wrong bytes after the first cut the body instead of ending it', async (t) => {
  const long = makeSmallTree({ keys: makeKeys(), files: { iso: bytesOf('iso', 2 * 2 ** 20) } });
  const { agent, origin, swarm } = await startTestAgent(t, [long], { limits });
  swarm.behaviour.mode = 'fails';
  const wrong = Buffer.from(long.stream);
  wrong.fill(0, wrong.length - 1);
  serve(origin, '/install/lab@1/iso', wrong);
  const bytes = await sendRaw(agent.address, get('/install/lab/iso'));
  t.true(bytes.length > 2 ** 19);
  t.throws(() => parseResponses(bytes, ['GET']), { message: /expected 2097152 bytes/ });
});

test('a busy frontend is waited for', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [tree], {
    limits: { ...limits, stallMs: 20_000 },
  });
  swarm.behaviour.mode = 'fails';
  let refusals = 0;
  const marks: unknown[] = [];
  origin.scripts.set('/install/lab@1/last.deb', (request, response) => {
    marks.push(request.headers['x-scree-fallback']);
    refusals += 1;
    if (refusals > 2) origin.scripts.delete('/install/lab@1/last.deb');
    response.writeHead(503, { 'retry-after': '1' });
    response.end();
  });
  t.is(await digest(`${base}/install/lab/last.deb`), digestOf(tree.files.get('last.deb')));
  t.deepEqual(marks, ['1', '1', '1']);
});

test('a frontend that restarts while the swarm is empty costs a pause', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [tree], {
    limits: { ...limits, reconnectMs: 8_000, stallMs: 15_000 },
  });
  await digest(`${base}/install/lab/first.deb`);
  swarm.behaviour.mode = 'empty';
  await origin.stop();
  const asked = digest(`${base}/install/lab/big.rpm`);
  await sleep(1_000);
  await origin.start();
  t.is(await asked, digestOf(big));
});

test('when nobody has the bytes the installer is told so within the limit', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [tree], { limits });
  await digest(`${base}/install/lab/first.deb`);
  swarm.behaviour.mode = 'empty';
  await origin.stop();
  const startMs = performance.now();
  const response = await fetch(`${base}/install/lab/big.rpm`);
  t.is(response.status, 504);
  t.true(performance.now() - startMs < 20_000);
});

test('a generation that the frontend no longer has is no 404 to the installer', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [tree], { limits });
  await digest(`${base}/install/lab/first.deb`);
  swarm.behaviour.mode = 'fails';
  origin.trees.pop();
  const response = await fetch(`${base}/install/lab/big.rpm`);
  t.is(response.status, 502);
  t.regex(await response.text(), /expected a range of \/install\/lab@1\/.*, got status 404/);
});

test('answers that are no range of the file are not taken', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [tree], { limits });
  swarm.behaviour.mode = 'fails';
  const bad = [
    (length: number) => Buffer.alloc(length + 1),
    (length: number) => Buffer.alloc(length - 1),
    () => Buffer.alloc(0),
  ];
  for (const make of bad) {
    origin.scripts.set('/install/lab@1/last.deb', (_request, response) => {
      response.writeHead(206);
      response.end(make(7_000));
    });
    t.not((await fetch(`${base}/install/lab/last.deb`)).status, 200);
  }
});

test('an agent whose swarm port is taken serves from the frontend', async (t) => {
  const { base, agent } = await startTestAgent(t, [tree], { limits, noSwarmPort: true });
  t.is(await digest(`${base}/install/lab/big.rpm`), digestOf(big));
  t.is(agent.swarmPort, undefined);
  t.like(agent.status().trees[0], { state: 'ready', inSwarm: false });
});

async function digest(url: string): Promise<string> {
  return digestOf(Buffer.from(await (await fetch(url)).arrayBuffer()));
}

function get(path: string, ...headers: readonly string[]): string {
  const head = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers];
  return `${head.join('\r\n')}\r\n\r\n`;
}

/** Answers ranges of a path from other bytes. */
function serve({ scripts }: Origin, path: string, content: Buffer): void {
  scripts.set(path, (request, response) => {
    const [, start = '0', end = '0'] = /(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    response.writeHead(206);
    response.end(content.subarray(Number(start), Number(end) + 1));
  });
}
