import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createInstallsProgress } from '../../../src/frontend/installs/progress.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf } from '../nodes/fixture.ts';
import { serveTrees } from './fixture.ts';

const nothing = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
const report = { run: 'a', sequence: 1, atMs: 5_000, phases: [], bytes: nothing };

/** A frontend with machines that are being installed. */
async function install(t: ExecutionContext, names: readonly string[]) {
  const { url, nodes, installs } = await serveTrees(t, []);
  for (const [at, name] of names.entries()) {
    nodes.store.add({ name, macs: [macOf(at + 1)], address: `10.1.0.${at + 1}` });
  }
  nodes.store.boot(['all'], 'install');
  const node = (name: string) => nodes.store.byName(name) as MachineNode;
  for (const name of names) nodes.store.happen(name, { kind: 'kickstart' });
  const tokens = new Map(names.map((name) => [name, installs.tokenOf(node(name))]));
  const tell = async (token: string, body: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await fetch(`${url}/installs/${token}/progress`, { method: 'POST', body: text });
    return { status: reply.status, text: await reply.text() };
  };
  const read = async (path: string) => (await fetch(`${url}/api/v1${path}`)).json();
  const tokenOf = (name: string) => tokens.get(name) ?? '';
  return { url, nodes, installs, node, tell, read, tokenOf };
}

test('what an agent tells stands at its install, and in the story of its machine', async (t) => {
  const { tell, read, tokenOf, nodes } = await install(t, ['compute-0-0']);
  const phases = [{ name: 'partitioned', atMs: 4_000, detail: '/dev/sda' }];
  const packages = { done: 3, total: 9 };
  const first = { ...report, phases, packages, bytes: { ...nothing, rack: 7 } };
  t.is((await tell(tokenOf('compute-0-0'), first)).status, 200);
  const { installs } = (await read('/installs')) as { installs: unknown[] };
  t.like(installs[0], { node: 'compute-0-0', bootState: 'installing' });
  const shown = (await read('/installs/compute-0-0')) as Record<string, unknown>;
  t.like(shown.progress, { packages, bytes: { ...nothing, rack: 7 } });
  const told = () =>
    nodes.events.read(['compute-0-0']).filter(({ event }) => /progress/.test(event));
  const story = told();
  t.deepEqual(
    story.map(({ text }) => text),
    ['partitioned: /dev/sda'],
  );
  await tell(tokenOf('compute-0-0'), { ...first, sequence: 2 });
  t.is(told().length, story.length, 'a phase is told once');
});

test('what an agent tells cannot steer the terminal that shows it', async (t) => {
  const { tell, read, tokenOf, nodes } = await install(t, ['a']);
  const evil = '\u001b[2Jx\u009b\u2028\r\ud800';
  const phases = [{ name: 'post', atMs: 4_000, detail: evil }];
  const told = {
    ...report,
    run: evil,
    agentVersion: evil,
    trees: [evil],
    rackVersion: evil,
    phases,
  };
  t.is((await tell(tokenOf('a'), told)).status, 200);
  const shown = [await read('/installs'), await read('/installs/a'), nodes.events.read(['a'])];
  for (const each of shown) t.notRegex(JSON.stringify(each), /\\u|\\r|[\u009b\u2028]/);
  t.like(await read('/installs/a'), {
    progress: { agentVersion: '·[2Jx····', trees: ['·[2Jx····'] },
  });
});

test('nonsense is answered with what was expected, and changes nothing', async (t) => {
  const { tell, read, tokenOf } = await install(t, ['a']);
  const wrong: readonly (readonly [unknown, number, RegExp])[] = [
    ['{', 400, /expected JSON/],
    ['', 400, /expected JSON/],
    [[], 400, /expected/],
    [{ ...report, sequence: -1 }, 400, /^sequence: expected/],
    [{ ...report, atMs: 'now' }, 400, /^atMs: expected number/],
    [{ ...report, phases: [{ name: 'lunch', atMs: 1 }] }, 400, /^phases\.0\.name: expected/],
    [{ ...report, phases: Array(33).fill({ name: 'post', atMs: 1 }) }, 400, /^phases: expected/],
    [{ ...report, bytes: { frontend: 1 } }, 400, /^bytes\.peers: expected/],
    [{ ...report, agentVersion: 'x'.repeat(40_000) }, 413, /at most 32768 bytes/],
  ];
  for (const [body, status, text] of wrong) {
    const reply = await tell(tokenOf('a'), body);
    t.is(reply.status, status, JSON.stringify(body).slice(0, 80));
    t.regex(reply.text, text);
  }
  t.is(((await read('/installs/a')) as { progress: unknown }).progress, null);
});

test('only the token of the latest install is good for anything', async (t) => {
  const { tell, tokenOf, nodes, installs, node } = await install(t, ['a', 'b']);
  const first = tokenOf('a');
  t.is((await tell(first, report)).status, 200);
  t.is((await tell(first, { ...report, sequence: 2 })).status, 200, 'known by then');
  nodes.store.boot(['a'], 'install');
  t.is((await tell(first, { ...report, sequence: 3 })).status, 410);
  t.is((await tell(installs.tokenOf(node('a')), report)).status, 200);
  t.is((await tell(`1-${'0'.repeat(32)}`, report)).status, 403);
  t.is((await tell('x', report)).status, 403);
  nodes.store.remove('b');
  t.is((await tell(tokenOf('b'), report)).status, 403);
});

test('a machine that is done is told whether its rack needs it', async (t) => {
  const names = ['compute-0-0', 'compute-0-1', 'compute-1-0'];
  const { tell, tokenOf, installs, node } = await install(t, names);
  const done = { ...report, phases: [{ name: 'done', atMs: 5_000 }] };
  const needOf = async (name: string, sequence: number) => {
    const { text } = await tell(tokenOf(name), { ...done, sequence });
    return (JSON.parse(text) as { lingerSeconds?: number }).lingerSeconds;
  };
  const running = JSON.parse((await tell(tokenOf('compute-0-1'), report)).text);
  t.is(running.lingerSeconds, undefined);
  t.is(await needOf('compute-1-0', 1), 0, 'it is alone in its rack');
  installs.ended(node('compute-0-0'), { kind: 'success', logText: '' });
  t.true(Number(await needOf('compute-0-0', 1)) > 0);
  installs.ended(node('compute-0-1'), { kind: 'failure', reason: 'no disk', logText: '' });
  await delay(600);
  t.is(await needOf('compute-0-0', 2), 0);
});

test('an agent is told who stands in its rack, once', async (t) => {
  const { tell, tokenOf } = await install(t, ['compute-0-0', 'compute-0-1', 'compute-1-0']);
  type Answer = { rack?: { version: string; addresses: string[] } };
  const answerTo = async (body: unknown) =>
    JSON.parse((await tell(tokenOf('compute-0-0'), body)).text) as Answer;
  const { rack } = await answerTo(report);
  t.true(rack?.addresses.includes('10.1.0.2'));
  t.false(rack?.addresses.includes('10.1.0.3'));
  await delay(600);
  const { rack: now } = await answerTo({ ...report, sequence: 2 });
  const known = { ...report, sequence: 3, rackVersion: (now ?? rack)?.version };
  t.is((await answerTo(known)).rack, undefined);
});

test('progress is there again after a restart, and follows what goes on', async (t) => {
  const path = `${await temporaryFolder(t)}/scree.db`;
  const installs = { holderOf: () => ({ kind: 'unknown' }) as const, heard: () => {} };
  const first = openNodeRecords({ log: silentLog }, { path });
  const before = createInstallsProgress({ log: silentLog, nodes: first, installs });
  first.store.add({ name: 'a', macs: [macOf(1)] });
  const [node] = first.store.boot(['a'], 'install');
  const told = { ...report, agentVersion: '1', trees: [], packages: { done: 4 } };
  before.take(node as MachineNode, told, '10.1.0.7');
  await before.close();
  first.store.add({ name: 'b', macs: [macOf(2)] });
  await first.close();
  // As a later version might write it.
  const database = openDatabase({ path, migrations, isDurable: false, waitMs: 1_000 });
  database.run("INSERT INTO install_progress VALUES ('b', '{\"percent\":7}')");
  database.close();
  const second = openNodeRecords({ log: silentLog }, { path });
  const after = createInstallsProgress({ log: silentLog, nodes: second, installs });
  t.like(after.of(node as MachineNode), { packages: { done: 4 }, address: '10.1.0.7' });
  after.take(node as MachineNode, { ...told, sequence: 2, packages: { done: 5 } }, undefined);
  t.like(after.of(node as MachineNode), { packages: { done: 5 } });
  await after.close();
  await second.close();
});

test('a thousand agents that tell every two seconds are no burden', async (t) => {
  const names = Array.from(
    { length: 1000 },
    (_, at) => `compute-${Math.floor(at / 40)}-${at % 40}`,
  );
  const nodes = openNodeRecords(
    { log: silentLog },
    { path: `${await temporaryFolder(t)}/scree.db` },
  );
  const tokens = { holderOf: () => ({ kind: 'unknown' }) as const, heard: () => {} };
  const progress = createInstallsProgress({ log: silentLog, nodes, installs: tokens });
  for (const [at, name] of names.entries()) nodes.store.add({ name, macs: [macOf(at + 1)] });
  nodes.store.boot(['all'], 'install');
  for (const name of names) nodes.store.happen(name, { kind: 'kickstart' });
  const batches: number[] = [];
  progress.follow((news) => batches.push(news.length));
  const startedMs = process.cpuUsage();
  const startedAtMs = performance.now();
  for (let round = 1; round <= 5; round += 1) {
    for (const node of nodes.store.all()) {
      const bytes = { ...nothing, rack: round * 1000 };
      const phases = [{ name: 'packages' as const, atMs: 1 }];
      const body = { ...report, sequence: round, bytes, phases, agentVersion: '1', trees: ['a@1'] };
      progress.take(node, body, '10.1.0.1');
    }
    await delay(250);
  }
  await progress.close();
  const { user, system } = process.cpuUsage(startedMs);
  t.log(`${Math.round((user + system) / 5)} µs of processor time for 1,000 reports`);
  const seconds = Math.ceil((performance.now() - startedAtMs) / 1000);
  t.true(batches.length <= seconds + 1, 'one transaction a second');
  t.true((user + system) / 5 < 2_000_000, 'no look at all nodes for each report');
  await nodes.close();
});
