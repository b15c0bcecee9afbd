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
