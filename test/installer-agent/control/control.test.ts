import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { ProgressReport } from '../../../src/protocol/install-progress.ts';
import type { Origin } from '../../support/origin.ts';
import { openSocket } from '../../support/raw-http.ts';
import { bytesOf, makeKeys, makeSmallTree } from '../../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../../support/test-agent.ts';

const tree = makeSmallTree({
  keys: makeKeys(),
  files: { Release: 'release', 'pool/a.deb': bytesOf('a', 90_000), 'pool/b.deb': 'b' },
});
const token = `7-${'ab'.repeat(16)}`;

/** What a frontend hears of an install; it answers as it is told. */
function listen(origin: Origin) {
  const reports: ProgressReport[] = [];
  const ends: string[] = [];
  const frontend = { progress: { status: 200, body: '{}' }, end: { status: 200, body: 'ok\n' } };
  origin.scripts.set(`/installs/${token}/progress`, (request, response) => {
    void text(request).then((body) => {
      reports.push(JSON.parse(body) as ProgressReport);
      response.writeHead(frontend.progress.status).end(frontend.progress.body);
    });
  });
  for (const outcome of ['success', 'failure']) {
    origin.scripts.set(`/installs/${token}/${outcome}`, (request, response) => {
      void text(request).then((body) => {
        ends.push(`${request.url?.replace(token, '…')} ${body}`);
        response.writeHead(frontend.end.status).end(frontend.end.body);
      });
    });
  }
  return { reports, ends, frontend };
}

async function start(t: ExecutionContext, config: { lingerSeconds?: number } = {}) {
  const told: { now?: ReturnType<typeof listen> } = {};
  const control = {
    reporter: { everyMs: 60, longestPauseMs: 200 },
    ending: { leaseMs: 2_000, tellMs: 2_000, retryMs: 50 },
  };
  const started = await startTestAgent(t, [tree], {
    limits: shortLimits,
    config: { token, lingerSeconds: 3, control, ...config },
    prepare: (origin) => {
      told.now = listen(origin);
    },
  });
  const say = async (path: string, body?: string) => {
    const method = body === undefined ? {} : { method: 'POST', body };
    const reply = await fetch(`${started.base}/agent/${path}`, method);
    return { status: reply.status, text: await reply.text() };
  };
  if (told.now === undefined) throw new Error('expected a frontend');
  return { ...started, ...told.now, say };
}

test('what the installer tells, and what its agent sees, reaches the frontend', async (t) => {
  const { say, reports, base } = await start(t);
  t.deepEqual(await say('phase?name=partitioned&detail=/dev/vda'), { status: 204, text: '' });
  for (const path of ['Release', 'pool/a.deb', 'pool/b.deb', 'pool/a.deb']) {
    await (await fetch(`${base}/install/lab/${path}`)).arrayBuffer();
  }
  await eventually(t, () => reports.at(-1)?.packages?.done === 2, 'two packages');
  const last = reports.at(-1);
  const names = last?.phases.map(({ name }) => name) ?? [];
  t.deepEqual(
    names.filter((name) => name !== 'booted'),
    ['agent', 'partitioned', 'packages'],
  );
  t.deepEqual(last?.trees, ['lab@1']);
  t.is(last?.agentVersion, 'test');
  t.is((await say('packages?done=5&total=30', '')).status, 204);
  await eventually(t, () => reports.at(-1)?.packages?.total === 30, 'the installer’s own count');
});

test('nothing of it is passed on, and what is wrong with it is said', async (t) => {
  const { say, origin } = await start(t);
  t.is((await say('phase?name=lunch')).status, 400);
  t.is((await say('lunch')).status, 404);
  t.is((await say('')).status, 404);
  t.is((await say('store?folder=relative')).status, 400);
  t.is((await say('end?outcome=maybe', 'log')).status, 400);
  t.false(origin.log.some((line) => line.includes('/agent')));
});

test('other methods than GET and POST change nothing', async (t) => {
  const { base, reports } = await start(t);
  const reply = await fetch(`${base}/agent/phase?name=post`, { method: 'DELETE' });
  t.is(reply.status, 405);
  t.is(reply.headers.get('allow'), 'GET, POST');
  await delay(200);
  t.true(reports.length > 0);
  t.false(reports.some(({ phases }) => phases.some(({ name }) => name === 'post')));
});

test('the end is told with the last lines of the log, and answered when the rack is done', async (t) => {
  const { say, ends, frontend, swarm } = await start(t);
  frontend.progress.body = '{"lingerSeconds":0}';
  const log = Array.from({ length: 500 }, (_, at) => `line ${at}`).join('\n');
  const failed = await say('end?outcome=failure', `${log}\nno space left\n`);
  t.is(failed.status, 200);
  t.like(JSON.parse(failed.text), { outcome: 'failure', isTold: true });
  t.true(swarm.readsAhead(), 'it may go on');
  const [first = ''] = ends;
  t.true(first.startsWith('/installs/…/failure?reason=no%20space%20left line 301\n'), first);
  t.like(JSON.parse((await say('end?outcome=success', log)).text), { outcome: 'success' });
  t.false(swarm.readsAhead(), 'what is not asked for now is not needed');
  t.is(ends.length, 2);
  t.true(ends[1]?.startsWith('/installs/…/success line 300\n'), ends[1]);
});

test('a machine that is needed stays, and its connection is kept alive meanwhile', async (t) => {
  const { say, frontend, agent } = await start(t, { lingerSeconds: 7 });
  frontend.progress.body = '{"lingerSeconds":10}';
  const startedMs = performance.now();
  const ending = say('end?outcome=success');
  await delay(1_500);
  t.is(agent.status().requestsInFlight, 1);
  const { status, text: body } = await ending;
  t.is(status, 200);
  t.like(JSON.parse(body), { isTold: true });
  t.regex(body, /^ /, 'a sign of life came before');
  t.true(performance.now() - startedMs >= 6_900);
});

test('an installer that does not wait for the answer finds it later', async (t) => {
  const { agent, say, ends, frontend } = await start(t, { lingerSeconds: 1 });
  frontend.progress.body = '{"lingerSeconds":10}';
  const socket = await openSocket({ host: '127.0.0.1', port: agent.address.port });
  socket.write('GET /agent/end?outcome=success HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(t, () => ends.length === 1, 'the end told');
  socket.destroy();
  await once(socket, 'close');
  t.like(JSON.parse((await say('end?outcome=success')).text), { isTold: true });
  t.is(ends.length, 1);
});

test('a frontend that restarts, or is older, costs nothing but that', async (t) => {
  const { say, origin, reports, ends, frontend } = await start(t);
  await origin.stop();
  t.is((await say('phase?name=post')).status, 204);
  const ending = say('end?outcome=success');
  await delay(300);
  frontend.progress = { status: 404, body: 'no such path' };
  await origin.start();
  t.like(JSON.parse((await ending).text), { isTold: true });
  t.deepEqual(ends, ['/installs/…/success ']);
  frontend.progress = { status: 200, body: 'no JSON' };
  const before = reports.length;
  await eventually(t, () => reports.length > before, 'told again');
  t.true(reports.at(-1)?.phases.some(({ name }) => name === 'post'));
});

test('without a token the frontend is told nothing, and the machine may go on', async (t) => {
  const { base, origin } = await startTestAgent(t, [tree], { limits: shortLimits });
  t.is((await fetch(`${base}/agent/phase?name=post`)).status, 204);
  const reply = await fetch(`${base}/agent/end?outcome=failure`);
  t.like(await reply.json(), { isTold: false });
  t.false(origin.log.some((line) => line.includes('/installs/')));
});

test('an agent that is stopped while a machine stays says so in time', async (t) => {
  const { agent, say, frontend, ends } = await start(t, { lingerSeconds: 60 });
  frontend.progress.body = '{"lingerSeconds":10}';
  const ending = say('end?outcome=success');
  await eventually(t, () => ends.length === 1, 'the end told');
  await delay(100);
  await agent.close();
  t.like(JSON.parse((await ending).text), { outcome: 'success', isTold: true });
});
