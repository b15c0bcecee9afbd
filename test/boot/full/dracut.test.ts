import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { writeCpio } from '../../../src/frontend/images/cpio.ts';
import { fetchPackages, findKernelPackage } from '../../../src/frontend/images/ramdisk/packages.ts';
import { openBootLab } from '../../support/boot-lab.ts';
import { buildDracut, buildStageTwo } from '../../support/dracut-ramdisk.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { biosMachine, powerOn } from '../../support/virtual-machine.ts';

const limitMs = 400_000;
const mac = '52:54:00:88:00:02';
const name = 'compute-0-0';
const content = bytesOf('dracut', 2 ** 20);
const sum = createHash('sha256').update(content).digest('hex');

const stageTwo = `
echo "stage2: clock $(date +%Y 2>/dev/null)"
until /run/scree/say status >/run/status; do sleep 1; done
echo "stage2: $(grep -o '"frontend":"[^"]*"' /run/status)"
echo "stage2: file $(wget -q -O - http://127.0.0.1/install/base/file | sha256sum)"
/run/scree/say phase post && echo 'stage2: phase told'
/run/scree/say end success && echo 'stage2: end told'
busybox poweroff -f
`;

/** What dracut runs when it gives up, so that a failure of this test can be understood. */
const tell = {
  kind: 'file',
  path: 'lib/dracut/hooks/emergency/50-tell.sh',
  mode: 0o644,
  bytes: Buffer.from(
    '{ cat /var/log/scree-agent.log* /run/scree/refused; ip addr; } >/dev/ttyS0 2>&1\n' +
      'journalctl --no-pager --boot --unit dracut-initqueue >/dev/ttyS0 2>&1\n',
  ),
} as const;

test('in a dracut ramdisk the agent is up with the network, brings stage 2, and goes on in it', async (t) => {
  t.timeout(3 * limitMs);
  const folder = await temporaryFolder(t);
  const packages = { folder: 'artifacts/ramdisk-packages' };
  const kernelName = await findKernelPackage('linux-image-amd64', packages);
  const [kernelPackage = ''] = await fetchPackages([kernelName], packages);
  const { kernel, initrd } = await buildDracut(kernelPackage);
  const tree = join(folder, 'tree');
  await mkdir(tree);
  await copyFile(await buildStageTwo(folder, stageTwo), join(tree, 'install.img'));
  await writeFile(join(tree, 'file'), content);
  const args =
    'ip=dhcp rd.neednet=1 console=ttyS0 scree.frontend=http://{server} ' +
    'scree.token={token} scree.linger=0 systemd.show_status=no';
  const action = {
    kernel: 'dracut/linux',
    initrds: ['dracut/initrd', 'dracut/tell', 'scree/agent.img'],
    args,
    installs: true,
  };
  const lab = await openBootLab(t, {
    settings: { boot: { actions: { dracut: action } } },
    tree: { name: 'base', folder: tree },
    prepare: async (control, tftpboot) => {
      await mkdir(join(tftpboot, 'dracut'));
      await writeFile(join(tftpboot, 'dracut/linux'), kernel);
      await writeFile(join(tftpboot, 'dracut/initrd'), initrd);
      await writeFile(join(tftpboot, 'dracut/tell'), writeCpio([tell]));
      await control('image', 'build', '--compression', 'zstd-quick');
    },
    advertisesIpv6: true,
  });
  await lab.addNode({ name, mac, ip: '10.88.0.50', action: 'dracut' });
  const args1970 = ['-rtc', 'base=1970-01-02', '-m', '1024'];
  const machine = await powerOn(lab.machine(), { args: [...biosMachine(mac), ...args1970] });
  t.teardown(() => {
    if (!t.passed) t.log(machine.stdout.lines().slice(-80).join('\n'));
  });
  await machine.waitForLine(/stage2: "frontend":"http:\/\/10\.88\.0\.1"/, limitMs);
  t.regex(await machine.waitForLine(/stage2: file /, limitMs), new RegExp(sum));
  await machine.waitForLine(/stage2: end told/, limitMs);
  await machine.ended;
  const story = await lab.waitForStory(name, [/http +sent, scree\/agent\.img/, /install/], limitMs);
  t.is(story.length, 2);
  t.regex(await lab.control('node', 'show', name), /os/);
});
