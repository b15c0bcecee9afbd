import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { renderGrub } from '../../src/protocol/grub.ts';
import { startGroundProgram } from '../support/foreign-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('GRUB shows why it waits, asks again and again, and does what it is told in the end', async (t) => {
  const folder = await temporaryFolder(t);
  const asked = join(folder, 'asked.cfg');
  const waiting = (reason: string) => {
    const text = `a: the install failed: ${reason}; waiting for the operator`;
    const script = renderGrub(
      { kind: 'wait', text, path: 'asked.cfg' },
      { base: `${folder}/` as '/' },
    );
    return script.replace(/--interruptible \d+/, '--interruptible 1');
  };
  // What it is told later stands there at once and as a whole.
  const tell = async (script: string) => {
    await writeFile(`${asked}.new`, script);
    await rename(`${asked}.new`, asked);
  };
  await writeFile(join(folder, 'grub.cfg'), waiting('no disk (1)'));
  const grub = startGroundProgram([
    ...['script', '-qec', `grub-emu -d ${folder} -r host`, join(folder, 'typescript')],
  ]);
  t.teardown(grub.stop);
  await grub.waitForLine(/a: the install failed: no disk \(1\); waiting/, 20_000);
  // There is nothing to be had yet; it goes on.
  await delay(3_000);
  await tell(waiting('no power (2)'));
  await grub.waitForLine(/a: the install failed: no power \(2\); waiting/, 20_000);
  await tell('echo told to boot\nexit\n');
  await grub.waitForLine(/told to boot/, 20_000);
  t.is((await grub.ended).code, 0);
});
