import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/frontend/config.ts';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createFrontend } from '../../src/frontend/main.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { startAgent } from '../../src/installer-agent/start-agent.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { macOf } from '../frontend/nodes/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const leaseMs = 3_000;
const lingerSeconds = 60;

test('a machine that is done stays while another of its rack installs, and no longer', async (t) => {
  const { startMachine } = await start(t, ['compute-0-0', 'compute-0-1', 'compute-1-0']);
  const [first, second, other] = await Promise.all(
    ['compute-0-0', 'compute-0-1', 'compute-1-0'].map(startMachine),
  );
  const answers: string[] = [];
  const ending = first?.say('end?outcome=success').then((answer) => {
    answers.push(answer);
    return JSON.parse(answer) as { isTold: boolean; elapsedMs: number };
  });
  // In a rack of its own nobody waits.
  t.true(JSON.parse((await other?.say('end?outcome=failure&reason=no%20disk')) ?? '').isTold);
  await delay(2 * leaseMs);
  t.deepEqual(answers, [], 'longer than one word is good for');
  await second?.say('phase?name=post');
  const { isTold, elapsedMs } = (await ending) ?? {};
  t.true(isTold);
  t.true(Number(elapsedMs) >= 2 * leaseMs && Number(elapsedMs) < lingerSeconds * 1000);
});

test('a frontend that vanishes is not waited for', async (t) => {
  const { startMachine, frontend, nodes } = await start(t, ['compute-0-0', 'compute-0-1']);
  const [first] = await Promise.all(['compute-0-0', 'compute-0-1'].map(startMachine));
  const ending = first?.say('end?outcome=success');
  for (let turn = 0; (await nodes.show('compute-0-0')).bootState !== 'os'; turn += 1) {
    if (turn === 100) throw new Error('expected the end to be told');
    await delay(50);
  }
  await frontend.close();
  const { isTold, elapsedMs } = JSON.parse((await ending) ?? '');
  t.true(isTold);
  t.true(elapsedMs < 30_000, `${elapsedMs} ms`);
});

/** A frontend, and machines that are being installed. */
async function start(t: ExecutionContext, names: readonly string[]) {
  const folder = await temporaryFolder(t);
  const [state, config] = [join(folder, 'state'), join(folder, 'scree.yaml')];
  const sections = ['http', 'tracker', 'seed'].map((name) => `${name}: { listen: "127.0.0.1:0" }`);
  await writeFile(config, [`state: ${state}`, ...sections, ''].join('\n'));
  const frontend = await createFrontend({ log: silentLog }, await loadConfig(config));
  t.teardown(frontend.close);
  const nodes = createNodes({ state });
  for (const [at, name] of names.entries()) await nodes.add({ name, macs: [macOf(at + 1)] });
  await nodes.boot(['all'], 'install');
  const key = Buffer.from((await readFile(join(state, 'keys/install.key'), 'utf8')).trim(), 'hex');
  const startMachine = async (name: string) => {
    const token = installTokenOf(await nodes.show(name), key);
    await fetch(`${frontend.url}/kickstart/${token}`);
    t.is((await nodes.show(name)).bootState, 'installing');
    const agent = await startAgent(
      {
        ...{ frontend: new URL(frontend.url), token, lingerSeconds, version: 'test' },
        ...{ listen: { host: '127.0.0.1', port: 0 }, swarm: { host: '127.0.0.1', port: 0 } },
        ...{ store: { folder: join(folder, name) }, uploadBytesPerSecond: 0 },
        control: { reporter: { everyMs: 200 }, ending: { leaseMs, tellMs: 5_000 } },
      },
      { log: silentLog },
    );
    t.teardown(agent.close);
    const say = async (path: string) =>
      (await fetch(`http://127.0.0.1:${agent.address.port}/agent/${path}`)).text();
    return { say };
  };
  return { frontend, nodes, startMachine };
}
