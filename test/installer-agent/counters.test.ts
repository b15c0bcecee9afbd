import test, { type ExecutionContext } from 'ava';
import type { Agent } from '../../src/installer-agent/start-agent.ts';
import { parseResponses, sendRaw } from '../support/raw-http.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const keys = makeKeys();
const tree = makeSmallTree({ keys, files: { Release: 'Suite: stable' } });

const answers = [
  ['a file', '/install/lab/Release', 200, 'requestsServed'],
  ["the frontend's 404", '/install/lab/none', 404, 'requestsServed'],
  ["the frontend's 403", '/install/sbin/kickstart.cgi', 403, 'requestsServed'],
  ["the frontend's 500", '/broken', 500, 'requestsFailed'],
  ["the agent's 403", 'http://other.host/install/lab/Release', 403, 'requestsRefused'],
] as const;
for (const [what, target, status, sum] of answers) {
  test(`${what} counts among ${sum}, and nowhere else`, async (t) => {
    const { agent } = await startTestAgent(t, [tree], {
      prepare: ({ scripts }) => {
        scripts.set('/install/sbin/kickstart.cgi', (_, response) => response.writeHead(403).end());
        scripts.set('/broken', (_, response) => response.writeHead(500).end());
      },
    });
    await expectOne(t, agent, { target, status, sum });
  });
}

test('the 502 for a tree that is refused counts as failed', async (t) => {
  const forged = makeSmallTree({ keys: makeKeys(), files: { Release: 'forged' } });
  const { agent } = await startTestAgent(t, [forged], { key: keys.publicKey });
  const expected = { target: '/install/lab/Release', status: 502, sum: 'requestsFailed' } as const;
  await expectOne(t, agent, expected);
});

test('the 504 while the frontend is away counts as failed', async (t) => {
  const { agent, origin } = await startTestAgent(t, [tree], {
    limits: shortLimits,
    prepare: ({ stop }) => stop(),
  });
  await expectOne(t, agent, { target: '/ks.cfg', status: 504, sum: 'requestsFailed' });
  await expectOne(t, agent, { target: '/install/lab/a', status: 504, sum: 'requestsFailed' });
  await origin.start();
});

type Sum = (typeof answers)[number][3];

async function expectOne(
  t: ExecutionContext,
  agent: Agent,
  expected: { readonly target: string; readonly status: number; readonly sum: Sum },
): Promise<void> {
  const { target, status, sum } = expected;
  const before = sumsOf(agent);
  const bytes = await sendRaw(
    agent.address,
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
  );
  t.is(parseResponses(bytes, ['GET'])[0]?.status, status);
  await eventually(t, () => agent.status().requestsInFlight === 0, 'the end of the request');
  t.deepEqual(sumsOf(agent), { ...before, [sum]: before[sum] + 1 });
}

function sumsOf(agent: Agent): Readonly<Record<Sum, number>> {
  const { requestsServed, requestsFailed, requestsRefused } = agent.status();
  return { requestsServed, requestsFailed, requestsRefused };
}
