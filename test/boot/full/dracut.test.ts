import { copyFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { writeCpio } from '../../../src/frontend/images/cpio.ts';
import { createImages } from '../../../src/frontend/images/main.ts';
import { installedCount, makeInstallerImages } from '../../support/anaconda-stand-in.ts';
import type { BootLab } from '../../support/boot-lab.ts';
import { nodeName, openDracutLab, stageTwoUrl } from '../../support/dracut-lab.ts';
import { makeRpmRepository, type RpmRepository } from '../../support/rpm-repository.ts';
import { startAgent } from '../../support/scree-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const limitMs = 3_600_000;
const packagesUrl = 'http://127.0.0.1/install/packages/';

test('in a dracut ramdisk the agent brings stage 2, goes on in it, and dnf installs by it', async (t) => {
  t.timeout(2 * limitMs);
  const folder = await temporaryFolder(t);
  const repository = await makeRpmRepository();
  const tree = await makeInstallerImages(folder, packagesUrl);
  const imageBytes = (await stat(join(tree, 'images/install.img'))).size;
  const lab = await openDracutLab(t, {
    tree,
    actions: { dracut: ['scree/agent.img'] },
    prepare: async (control) => {
      await control('tree', 'add', 'packages', repository.folder);
      await control('attr', 'set', '--global', 'profile=rocky9');
    },
  });
  await startPeer(lab, repository, join(folder, 'peer'));
  const disk = join(folder, 'disk.img');
  await writeFile(disk, '');
  await truncate(disk, 2 ** 30);
  const startedAtMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedAtMs) / 1000)} s`;
  const machine = await lab.boot('dracut', disk);
  const until = async (pattern: RegExp) => machine.waitForLine(pattern, limitMs);

  const first = await until(/stage1: \{/);
  const received = sumOf(first, 'receivedFromPeersBytes');
  t.log(`stage 2 after ${seconds()}: ${received} of ${imageBytes} bytes from the peer`);
  t.regex(first, /"frontend":"http:\/\/10\.88\.0\.1"/);
  t.true(received > imageBytes / 4, first);

  await until(/stage2: again \{.*"frontend":"http:\/\/10\.88\.0\.1"/);
  t.log(`agent up again after ${seconds()}`);
  await until(/stage2: %pre-install ended with 0\r?$/);
  await until(/stage2: dnf ended with 0\r?$/);
  t.log(`dnf ended after ${seconds()}, ${machine.usage().cpuSeconds.toFixed(0)} CPU-s`);
  await until(new RegExp(`stage2: ${installedCount} packages`));
  await until(/stage2: different: ''\r?$/);
  const last = await until(/stage2: last \{/);
  t.log(`${sumOf(last, 'receivedFromPeersBytes')} bytes from the peer in stage 2`);
  t.true(sumOf(last, 'receivedFromPeersBytes') > 12e6, last);
  await until(/stage2: %post --nochroot ended with 0\r?$/);
  const left = await until(/stage2: on the disk: /);
  t.regex(left, /: bin etc lost\+found usr var\s*$/);
  await until(/stage2: disk unmounted/);
  await machine.ended;
  t.log(`switched off after ${seconds()}`);
  const story = [/http +sent, scree\/agent\.img/, /kickstart +sent/, /installing → os/];
  await lab.waitForStory(nodeName, story, limitMs);
  const shown = JSON.parse(await lab.control('node', 'show', nodeName, '--json'));
  t.like(shown, { bootAction: 'os', bootState: 'os' });
});

/** A machine of the rack that has all files already. */
async function startPeer(lab: BootLab, { rpms }: RpmRepository, store: string): Promise<void> {
  const peer = lab.machine('peer');
  await startAgent(peer, { frontend: lab.frontend, store, flags: ['--store-size', '1G'] });
  const names = rpms.map((rpm) => encodeURIComponent(rpm.replace(/^.*\//, '')));
  const urls = names.map((name) => `${packagesUrl}packages/${name}`);
  const files = [`${stageTwoUrl}/images/install.img`, ...urls];
  const outputs = files.flatMap((url) => ['-o', '/dev/null', url]);
  await peer.run(['curl', '-fsS', ...outputs], { timeoutMs: 120_000 });
}

/** Over all trees of an agent's status. */
function sumOf(status: string, counter: string): number {
  const values = [...status.matchAll(new RegExp(`"${counter}":(\\d+)`, 'g'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

test('dracut stops with the reason when the image was cut, is spoilt, or is of another frontend', async (t) => {
  t.timeout(2 * limitMs);
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  await mkdir(tree);
  await writeFile(join(tree, 'file'), 'content');
  const lab = await openDracutLab(t, {
    tree,
    actions: {
      cut: ['dracut/cut'],
      spoilt: ['scree/agent.img', 'dracut/spoilt'],
      foreign: ['dracut/foreign'],
    },
    prepare: async (_control, tftpboot) => {
      const place = join(tftpboot, 'dracut');
      const image = await readFile(join(tftpboot, 'scree/agent.img'));
      await writeFile(join(place, 'cut'), image.subarray(0, 0.6 * image.length));
      await writeFile(join(place, 'spoilt'), writeCpio([spoilt]));
      await copyFile(await buildForeignImage(join(folder, 'other')), join(place, 'foreign'));
    },
  });
  const reasons = [
    ['cut', 'the image of the agent was cut short'],
    ['spoilt', 'its image is damaged'],
    ['foreign', '.*key'],
  ] as const;
  for (const [action, reason] of reasons) {
    const machine = await lab.boot(action);
    await machine.waitForLine(new RegExp(`dracut: FATAL: scree: REFUSED: ${reason}`), limitMs);
    await machine.waitForLine(/System halted/, limitMs);
    t.false(
      machine.stdout.lines().some((line) => line.includes('stage1:')),
      action,
    );
    machine.kill();
    await machine.ended;
  }
});

const spoilt = {
  kind: 'file',
  path: 'opt/scree/lib/libdl.so.2',
  mode: 0o755,
  bytes: Buffer.from('not a library'),
} as const;

async function buildForeignImage(state: string): Promise<string> {
  await mkdir(state);
  const images = createImages({
    state,
    http: { listen: { host: '10.88.0.1', port: 80 }, fallback: 8 },
  });
  const built = await images.build({
    architecture: 'x64',
    compression: 'zstd-quick',
    frontend: 'http://10.88.0.1',
  });
  return built.path;
}
