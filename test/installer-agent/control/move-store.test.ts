import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { sendRaw } from '../../support/raw-http.ts';
import { shortLimits, startTestAgent } from '../../support/test-agent.ts';

/** So long an answer may be silent; its first sign of life comes after a third of that. */
const stallMs = 4_000;
const request =
  'GET /agent/store?folder=/target/store&size=1G HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const place = { folder: '/target/store', sizeBytes: 2 ** 30 };

test('a move that takes longer than an answer may be silent is answered when it is done', async (t) => {
  const { base, agent } = await start(t, async () => {
    await delay(stallMs + 2_500);
    return place;
  });
  const reply = await fetch(`${base}/agent/store?folder=/target/store&size=1G`);
  t.is(reply.status, 200);
  const body = await reply.text();
  t.regex(body, /^ +\{/, 'signs of life came before');
  t.deepEqual(JSON.parse(body), place);
  t.is(agent.status().requestsFailed, 0);
});

test('a move that fails soon is 409; one that fails late is cut, behind its reason', async (t) => {
  const world = { afterMs: 300 };
  const { base, agent } = await start(t, async () => {
    await delay(world.afterMs);
    throw new Error('no space left on device');
  });
  const soon = await fetch(`${base}/agent/store?folder=/target/store&size=1G`);
  t.is(soon.status, 409);
  t.is(await soon.text(), 'no space left on device\n');
  world.afterMs = 2_500;
  const late = (await sendRaw({ host: '127.0.0.1', port: agent.address.port }, request)).toString();
  t.regex(late, /^HTTP\/1\.1 200 /);
  t.regex(late, /\{"reason":"no space left on device"\}\n\r\n$/);
  t.notRegex(late, /\r\n0\r\n/, 'no client takes it for a whole answer');
  await t.throwsAsync(async () => {
    await (await fetch(`${base}/agent/store?folder=/target/store&size=1G`)).text();
  });
});

function start(t: ExecutionContext, move: () => Promise<typeof place>) {
  return startTestAgent(t, [], {
    limits: { ...shortLimits, stallMs },
    prepare: (_origin, { behaviour }) => {
      behaviour.move = move;
    },
  });
}
