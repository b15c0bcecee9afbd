import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ImageMachine, makeImageMachine } from '../support/image-machine.ts';
import { createRack, type RackHost } from '../support/rack.ts';
import { shareImage } from '../support/shared-image.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTool } from '../support/tool.ts';

const limitMs = 60_000;
const hooks = '/lib/dracut/hooks';

const shared = shareImage(test);

/** A host, and the image of a frontend that does not answer. */
async function openHookLab(t: ExecutionContext): Promise<{ node: RackHost; image: string }> {
  const rack = await createRack({ hosts: [{ name: 'node', ip: '10.77.0.2' }] });
  t.teardown(rack.remove);
  return { node: rack.host('node'), image: shared.path() };
}

/** With what the smallest of dracut's ramdisks has: no sha256sum. */
async function makeMachine(
  t: ExecutionContext,
  { node, image }: { node: RackHost; image: string },
) {
  const machine = await makeImageMachine(t, node, image);
  await rm(join(machine.root, 'bin/sha256sum'));
  return machine;
}

/** Sources hooks as dracut does, one after the other in one shell; resolves with what it died of. */
async function runHooks(machine: ImageMachine, names: readonly string[]): Promise<string> {
  const lines = names.map((name) => `. ${hooks}/${name}`).join('\n');
  return machine.run(`die() { echo "died: $*"; exit 0; }\nset +e\n${lines}\necho alive`);
}

const online = 'initqueue/online/05-scree.sh';
const settled = 'initqueue/settled/01-scree.sh';

test('without sha256sum an image that is whole is taken, and one with a spoilt file refused', async (t) => {
  const lab = await openHookLab(t);
  const whole = await makeMachine(t, lab);
  await t.throwsAsync(whole.run('command -v sha256sum'));
  await whole.powerOn('quiet');
  // Longer than until the files are compared.
  await new Promise((done) => setTimeout(done, 15_000));
  t.is(await runHooks(whole, [settled]), 'alive');

  const spoilt = await makeMachine(t, lab);
  await appendFile(join(spoilt.root, 'opt/scree/lib/libdl.so.2'), 'x');
  await spoilt.powerOn('quiet');
  await spoilt.until('cat /run/scree/refused', limitMs);
  t.regex(await spoilt.console(), /scree: REFUSED: its image is damaged/);
  for (const hook of [settled, 'pre-mount/01-scree.sh', 'pre-pivot/01-scree.sh']) {
    t.regex(await runHooks(spoilt, [hook]), /^died: scree: REFUSED: its image is damaged/);
  }
});

test('of an image that was cut the hooks are there, and say so', async (t) => {
  const lab = await openHookLab(t);
  const machine = await makeMachine(t, lab);
  // In the order in which the kernel unpacks.
  for (const name of ['lib', 'package.json', 'run', 'say', 'scree-agent.service']) {
    await rm(join(machine.root, 'opt/scree', name), { recursive: true });
  }
  await truncate(join(machine.root, 'opt/scree/bin/node'), 60_000_000);
  await machine.powerOn('quiet');
  t.regex(
    await runHooks(machine, [online, settled]),
    /^died: scree: REFUSED: the image of the agent was cut short/,
  );
});

test('the image for another kind of processor is refused', async (t) => {
  const machine = await makeMachine(t, await openHookLab(t));
  const loader = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2';
  const other = process.arch === 'arm64' ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1';
  const libraries = join(machine.root, 'opt/scree/lib');
  await rename(join(libraries, loader), join(libraries, other));
  await machine.powerOn('quiet');
  await machine.until('cat /run/scree/refused', limitMs);
  t.regex(
    await runHooks(machine, [online, settled]),
    /^died: scree: REFUSED: its image is for another kind of processor/,
  );
});

test('what refuses in a second stage stops anaconda, which is a script', async (t) => {
  const place = await temporaryFolder(t);
  await writeFile(join(place, 'anaconda'), '#!/bin/sh\nwhile :; do sleep 1; done\n', {
    mode: 0o755,
  });
  const script = `
    "$1/anaconda" >/dev/null &
    SCREE_PLACE=$1 sh src/frontend/images/files/alarm 'a test' >/dev/null 2>&1 &
    until grep -q '^State:.T' /proc/$(pidof -x anaconda)/status; do sleep 0.2; done
    echo stopped`;
  const alone = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const command = [...alone, 'timeout', '60', 'sh', '-c', script, 'sh', place];
  t.is(await runTool(command, { timeoutMs: 90_000 }), 'stopped\n');
});
