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
const rack = ['--rack', '0', '--role', 'compute'];

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  const sections = ['http', 'tracker', 'seed'].map((name) => `${name}: { listen: "127.0.0.1:0" }`);
  await writeFile(config, [`state: ${join(folder, 'state')}`, ...sections, ''].join('\n'));
  /** The exit code and the complaint of a discovery that cannot be. */
  const refused = async (...args: readonly string[]) => {
    const asked = run(resolve('scree'), ['discover', ...args, '-c', config], { timeout: 30_000 });
    const error = await t.throwsAsync<Error & { code: number; stderr: string }>(asked);
    return [error?.code, error?.stderr] as const;
  };
  return { config, refused };
}

test('what is missing or of no such form is a wrong argument', async (t) => {
  const { refused } = await setUp(t);
  const [code, text] = await refused('--rack', '0');
  t.is(code, 2);
  t.regex(text ?? '', /expected --rack and --role, or --replace NODE; see 'scree discover --help'/);
  t.is((await refused('--rack', 'x', '--role', 'compute'))[0], 2);
  t.is((await refused(...rack, '--count', '-1'))[0], 2);
});

test('without a frontend, or without DHCP, it says what to do', async (t) => {
  const { config, refused } = await setUp(t);
  const [code, text] = await refused(...rack);
  t.is(code, 1);
  t.regex(text ?? '', /expected a frontend that runs on '.*', found none; start it with 'scree/);
  const frontend = await createFrontend({ log: silentLog }, await loadConfig(config));
  t.teardown(frontend.close);
  const [again, refusal] = await refused(...rack);
  t.is(again, 1);
  t.regex(refusal ?? '', /expected 'dhcp.mode: server' or 'proxy', .* got 'off'; change the conf/);
});
