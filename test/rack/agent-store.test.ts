import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { startAgentCommand } from '../support/agent-command.ts';
import { installFiles, startAgentRack } from '../support/agent-rack.ts';
import { bytesOf, makeKeys, makeSmallTree, pemOf } from '../support/small-tree.ts';

const mebibyte = 2 ** 20;
const keys = makeKeys();
const names = Array.from({ length: 100 }, (_, at) => `pool/p${at}.rpm`);
const files = Object.fromEntries(names.map((name) => [name, bytesOf(name, 400_000)]));
const tree = makeSmallTree({ keys, files, pieceLengthBytes: 64 * 1024 });

test('a store on a disk that is too small goes on with what the disk takes', async (t) => {
  const { base, status } = await startOn(t, { homeSize: '6m', targetSize: '64m' });
  await installFiles(t, { base, tree });
  const { store, requestsFailed } = await status();
  t.is(store.sizeBytes, 64 * mebibyte);
  t.true(store.capacityBytes <= 6 * mebibyte, `${store.capacityBytes}`);
  t.is(requestsFailed, 0);
});

test('a disk that fills up in the middle costs pieces, not the install; then the store grows again', async (t) => {
  const { base, status, inside } = await startOn(t, { homeSize: '64m', targetSize: '64m' });
  const names = [...tree.files.keys()];
  await installFiles(t, { base, tree, names: names.slice(0, 30) });
  inside('dd if=/dev/zero of=home/filler bs=1M 2>/dev/null || true');
  await installFiles(t, { base, tree, names: names.slice(30) });
  const full = await status();
  t.is(full.requestsFailed, 0);
  t.true(full.store.capacityBytes < 40 * mebibyte, `${full.store.capacityBytes}`);
  inside('rm home/filler');
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  await installFiles(t, { base, tree });
  t.is((await status()).store.capacityBytes, 64 * mebibyte);
});

test('a move to a disk that is too small, read-only, or not there leaves the store where it was', async (t) => {
  const { base, status, inside, at } = await startOn(t, { homeSize: '64m', targetSize: '4m' });
  await installFiles(t, { base, tree });
  const before = (await status()).store;
  const move = async (query: string) => {
    const response = await fetch(`${base}/agent/store?${query}`);
    return { status: response.status, text: await response.text() };
  };
  const full = await move(`folder=${at('target/store')}&size=64M`);
  t.is(full.status, 409);
  t.regex(full.text, /ENOSPC|took .* of .* bytes|takes no more/);
  // The share of what is free is less than what is held.
  t.regex((await move(`folder=${at('target/store')}`)).text, /for what is held|give a size/);
  t.is(inside('ls -A target/store | wc -l').trim(), '0');
  inside('mount -o remount,ro target');
  t.regex((await move(`folder=${at('target/other')}&size=64M`)).text, /EROFS/);
  inside('umount target && mkdir -p memory && mount -t tmpfs -o size=300m none memory');
  for (const path of ['home/elsewhere', 'memory/store', 'target/store'])
    t.regex((await move(`folder=${at(path)}`)).text, /is the disk mounted/, path);
  t.deepEqual((await status()).store, before);
  await installFiles(t, { base, tree });
  t.is((await status()).requestsFailed, 0);
});

test('a store that has moved to the target disk leaves it free to be unmounted when the agent ends', async (t) => {
  const { base, status, inside, at, command } = await startOn(t, {
    homeSize: '64m',
    targetSize: '300m',
  });
  await installFiles(t, { base, tree });
  const response = await fetch(`${base}/agent/store?folder=${at('target/var/tmp/scree')}`);
  t.is(response.status, 200, await response.text());
  t.like((await status()).store, { folder: at('target/var/tmp/scree') });
  t.true((await status()).store.sizeBytes >= 64 * mebibyte);
  await installFiles(t, { base, tree });
  command.process.kill('SIGTERM');
  t.is((await command.end()).code, 0);
  t.is(
    inside('! ls -A target/var/tmp home | grep scree; umount target && echo free').trim(),
    'free',
  );
});

/** An agent in a mount namespace of its own, its store in memory, the target disk a disk. */
async function startOn(
  t: ExecutionContext,
  sizes: { readonly homeSize: string; readonly targetSize: string },
) {
  const { origin, folder } = await startAgentRack(t, { keys, trees: [tree] });
  await writeFile(join(folder, 'key.pem'), pemOf(keys));
  for (const name of ['home', 'target']) await mkdir(join(folder, name));
  const at = (path: string) => join(folder, path);
  const inside = await makeMountNamespace(t);
  inside.run(`mount -t tmpfs -o size=${sizes.homeSize} none ${at('home')}`);
  inside.run(`truncate -s ${sizes.targetSize} ${at('disk')} && mkfs.ext4 -q -m 0 ${at('disk')}`);
  inside.run(`mount -o loop ${at('disk')} ${at('target')}`);
  const flags = ['--frontend', origin.url.origin, '--key', at('key.pem')];
  const store = ['--store', at('home/store'), '--store-size', '64M'];
  const command = startAgentCommand(t, [...flags, ...store], inside.wrapper);
  const base = /http:\/\/127[^ ]*/.exec(await command.ready())?.[0] ?? '';
  return {
    command,
    base,
    at,
    status: async () => (await (await fetch(`${base}/agent/status`)).json()) as AgentStatus,
    /** Runs a shell command where the agent runs, in the test's folder. */
    inside: (line: string) => inside.run(`cd ${folder} && { ${line}; }`),
  };
}

/** Lives as long as the test, whatever else in it ends. */
async function makeMountNamespace(t: ExecutionContext) {
  const holder = spawn('unshare', ['--mount', 'sh', '-c', 'echo here; exec sleep 600']);
  t.teardown(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const wrapper = [...['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`], `--wd=${process.cwd()}`];
  return {
    wrapper,
    run: (line: string): string => {
      const [program = '', ...rest] = [...wrapper, 'sh', '-c', line];
      const { stdout, stderr, status } = spawnSync(program, rest, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`expected '${line}' to work: ${stderr}`);
      return stdout;
    },
  };
}
