import test, { type ExecutionContext } from 'ava';
import { defaultLimits } from '../../src/installer-agent/limits.ts';
import type { Script } from '../support/origin.ts';
import {
  bytesOf,
  digestOf,
  makeKeys,
  makeSmallTree,
  type SmallTree,
} from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const [keys, others] = [makeKeys(), makeKeys()];
const files = { Release: 'release', 'pool/a.deb': bytesOf('a', 50_000) };
const tree = makeSmallTree({ keys, files });
const manifestPath = '/install/lab@1.manifest.json';
const torrentPath = '/install/lab@1.torrent';
/** Nothing here may end before the test does something about it, however busy the machine is. */
const limits = { ...shortLimits, stallMs: 40_000, openMs: 20_000, reopenMs: 20, listFreshMs: 20 };

const failures: ReadonlyMap<string, Script> = new Map([
  ['is cut', (_request, response) => void response.end(tree.manifestText.slice(0, 300))],
  [
    'breaks off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': tree.manifestText.length });
      response.write(tree.manifestText.slice(0, 300), () => response.destroy());
    },
  ],
  ['is 500', (_request, response) => void response.writeHead(500).end()],
  ['is 404', (_request, response) => void response.writeHead(404).end()],
]);

for (const [what, script] of failures) {
  test(`with a key, a manifest that ${what} at first costs the installer no answer`, async (t) => {
    const { agent, base, origin } = await startStrict(t, [tree], { [manifestPath]: script });
    const answers = Object.keys(files).map(async (path) => {
      const reply = await fetch(`${base}/install/lab/${path}`);
      return `${reply.status}, ${digestOf(await reply.bytes())}`;
    });
    await eventually(t, () => asked(origin.log, manifestPath) >= 3, 'three attempts');
    t.is(agent.status().requestsFailed, 0);
    origin.scripts.clear();
    const expected = [...tree.files.values()].map((content) => `200, ${digestOf(content)}`);
    t.deepEqual(await Promise.all(answers), expected);
  });
}

test('with a key, a torrent that cannot be had at first costs no answer either', async (t) => {
  const cut: Script = ({ socket }) => void socket.destroy();
  const { base, origin } = await startStrict(t, [tree], { [torrentPath]: cut });
  const answer = fetch(`${base}/install/lab/Release`);
  await eventually(t, () => asked(origin.log, torrentPath) >= 3, 'three attempts');
  origin.scripts.clear();
  t.is(await (await answer).text(), 'release');
});

test('with a key, a frontend that is away in between is waited for', async (t) => {
  const { base, origin } = await startStrict(t, [tree], {
    [manifestPath]: (_request, response) => void response.writeHead(500).end(),
  });
  const answer = fetch(`${base}/install/lab/Release`);
  await eventually(t, () => asked(origin.log, manifestPath) > 0, 'an attempt');
  await origin.stop();
  origin.scripts.clear();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await origin.start();
  t.is(await (await answer).text(), 'release');
});

test('what cannot be verified until the limit is over is 503, with the reason', async (t) => {
  const script: Script = (_request, response) => void response.end(tree.manifestText.slice(0, 300));
  const { base, origin } = await startStrict(t, [tree], { [manifestPath]: script }, 700);
  origin.scripts.set('/install/lab/Release', (_request, response) => void response.end('evil'));
  const startedMs = performance.now();
  const reply = await fetch(`${base}/install/lab/Release`);
  t.is(reply.status, 503);
  t.regex(await reply.text(), /^tree lab cannot be verified now: expected a signed manifest/);
  t.true(performance.now() - startedMs >= 690);
  t.false(origin.log.some((line) => line.endsWith('/Release')));
});

test('with a key, a tree that is listed only later is waited for, and one that never is, for a while', async (t) => {
  const { base, origin } = await startStrict(t, [], {});
  const answer = fetch(`${base}/install/lab/Release`);
  const lists = () => asked(origin.log, '/install/trees.json');
  const before = lists();
  await eventually(t, () => lists() >= before + 2, 'further looks at the list');
  origin.trees.push(tree);
  t.is(await (await answer).text(), 'release');
  const startedMs = performance.now();
  const reply = await fetch(`${base}/install/none/Release`);
  t.is(reply.status, 404);
  t.regex(await reply.text(), /^expected a tree of the frontend, got none/);
  t.true(performance.now() - startedMs >= defaultLimits.absentMs - 10);
});

test('what is refused for its signature is told so at once', async (t) => {
  const forged = makeSmallTree({ keys: others, files });
  const { base, origin } = await startStrict(t, [forged], {});
  const startedMs = performance.now();
  const reply = await fetch(`${base}/install/lab/Release`);
  t.is(reply.status, 502);
  t.regex(await reply.text(), /^tree lab is refused: expected a manifest signed by key/);
  t.true(performance.now() - startedMs < 15_000, 'not after the limit');
  t.true(asked(origin.log, manifestPath) <= 2);
});

test('many who wait for a tree do not make many attempts of it', async (t) => {
  const script: Script = (_request, response) => void response.writeHead(500).end();
  const { base, origin } = await startStrict(t, [tree], { [manifestPath]: script }, 2_000);
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      t.is((await fetch(`${base}/install/lab/Release`)).status, 503);
    }),
  );
  // After 20, 40, 80 and then each 160 ms, and those of the start.
  const attempts = asked(origin.log, manifestPath);
  t.true(attempts >= 3 && attempts <= 40, `${attempts} attempts`);
});

function startStrict(
  t: ExecutionContext,
  trees: readonly SmallTree[],
  scripts: Readonly<Record<string, Script>>,
  openMs = limits.openMs,
) {
  return startTestAgent(t, trees, {
    key: keys.publicKey,
    limits: { ...limits, openMs },
    prepare: (origin) => {
      for (const [path, script] of Object.entries(scripts)) origin.scripts.set(path, script);
    },
  });
}

function asked(log: readonly string[], path: string): number {
  return log.filter((line) => line === `GET ${path}`).length;
}
