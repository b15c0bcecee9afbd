import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/frontend/config.ts';
import { createFrontend } from '../../src/frontend/main.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const listen = '{ listen: "127.0.0.1:0" }';

async function setUp(t: ExecutionContext, actions: string) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  const sections = ['http', 'tracker', 'seed'].map((name) => `${name}: ${listen}\n`);
  const write = (text: string) =>
    writeFile(config, `state: state\n${sections.join('')}boot: { actions: { ${text} } }\n`);
  await write(actions);
  const node = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(resolve('scree'), ['node', ...args, '-c', config]);
    return stdout;
  };
  await node('add', 'compute-0-0', '--mac', '52:54:00:00:00:01');
  return { config, write, node };
}

const memtest = 'memtest: { kernel: memtest/memtest.bin }';

test('a configured action is what a node boots next, where no frontend runs', async (t) => {
  const { write, node } = await setUp(t, memtest);
  t.is(await node('boot', 'compute-0-0', 'memtest'), 'compute-0-0 boots memtest next\n');
  t.regex(await node('show', 'compute-0-0'), /memtest/);
  await t.throwsAsync(node('boot', 'compute-0-0', 'memtst'), {
    message:
      /expected a boot action \(os, install, rescue, debut, memtest\), got 'memtst'; did you mean/,
  });
  await write('');
  t.regex(await node('show', 'compute-0-0'), /memtest/, 'what it boots stays as it was set');
  await t.throwsAsync(node('boot', 'compute-0-0', 'memtest'), {
    message: /expected a boot action \(os, install, rescue, debut\), got 'memtest'/,
  });
});

test('a frontend that runs knows the actions with which it was started', async (t) => {
  const { config, write, node } = await setUp(t, memtest);
  const frontend = await createFrontend({ log: silentLog }, await loadConfig(config));
  t.teardown(frontend.close);
  await write('other: { kernel: other }');
  t.is(await node('boot', 'compute-0-0', 'memtest'), 'compute-0-0 boots memtest next\n');
  await t.throwsAsync(node('boot', 'compute-0-0', 'other'), {
    message: /expected a boot action \(os, install, rescue, debut, memtest\), got 'other'/,
  });
});

test('an order that was not followed yet is taken back, with a frontend or without', async (t) => {
  const { config, node } = await setUp(t, memtest);
  await node('add', 'compute-0-1', '--mac', '52:54:00:00:00:02');
  await node('boot', 'compute-0-0', 'memtest');
  await node('boot', 'all', 'install');
  const both = 'compute-0-0 boots memtest next, as before\ncompute-0-1 boots os next, as before\n';
  t.is(await node('undo', 'all'), both);
  const error = await t.throwsAsync<Error & { readonly code: number }>(node('undo', 'all'));
  t.is(error?.code, 1);
  t.regex(error?.message ?? '', /expected an order of all that is not followed yet, found none; /);
  await t.throwsAsync(node('undo', 'compute-0-7'), { message: /compute-0-7/ });
  await t.throwsAsync(node('undo'), {
    message: /expected <selection>, got none; see 'scree node undo --help'/,
  });

  const frontend = await createFrontend({ log: silentLog }, await loadConfig(config));
  t.teardown(frontend.close);
  await node('boot', 'all', 'rescue');
  t.like(JSON.parse(await node('undo', 'compute-0-1', '--json')), [
    { name: 'compute-0-1', bootAction: 'os', bootState: 'os' },
  ]);
  t.regex(await node('events', 'compute-0-1'), /undo +boot os next \(os → os\): by local/);
  t.is(await node('undo', 'rack=0'), 'compute-0-0 boots memtest next, as before\n');
});
