import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { writeCpio } from '../../src/frontend/images/cpio.ts';
import { fetchPackages, findKernelPackage } from '../../src/frontend/images/ramdisk/packages.ts';
import { type BootLab, type BootLabPlan, openBootLab } from './boot-lab.ts';
import { buildDracut, planStageTwoHooks } from './dracut-ramdisk.ts';
import type { RackProcess } from './rack-process.ts';
import { biosMachine, powerOn } from './virtual-machine.ts';

export type DracutLabPlan = {
  /** Folder of the tree `base`, where stage 2 is looked for. */
  readonly tree: string;
  /** Boot actions: what is put behind dracut's ramdisk, as paths below the general root. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
  /** After the agent's image is made. */
  readonly prepare: NonNullable<BootLabPlan['prepare']>;
};

export type DracutLab = BootLab & {
  /** Sets what the machine is to boot, and switches it on at a clock of 1970, without a disk unless given. */
  readonly boot: (action: string, disk?: string) => Promise<RackProcess>;
};

export const nodeName = 'compute-0-0';
export const stageTwoUrl = 'http://127.0.0.1/install/base';
const mac = '52:54:00:88:00:02';

/** A frontend that sends a kernel, dracut's ramdisk and the agent's image to a machine with a BIOS. */
export async function openDracutLab(t: ExecutionContext, plan: DracutLabPlan): Promise<DracutLab> {
  const cache = { folder: 'artifacts/ramdisk-packages' };
  const kernelName = await findKernelPackage('linux-image-amd64', cache);
  const [kernelPackage = ''] = await fetchPackages([kernelName], cache);
  const { kernel, initrd } = await buildDracut(kernelPackage);
  const lab = await openBootLab(t, {
    machines: ['machine', 'peer'],
    settings: { boot: { actions: renderActions(plan.actions) } },
    tree: { name: 'base', folder: plan.tree },
    prepare: async (control, tftpboot) => {
      const place = join(tftpboot, 'dracut');
      await mkdir(place);
      await writeFile(join(place, 'linux'), kernel);
      await writeFile(join(place, 'initrd'), initrd);
      await writeFile(join(place, 'hooks'), writeCpio(planStageTwoHooks()));
      await control('image', 'build', '--compression', 'zstd-quick');
      await plan.prepare(control, tftpboot);
    },
    advertisesIpv6: true,
  });
  await lab.addNode({ name: nodeName, mac, ip: '10.88.0.50', action: 'os' });
  return {
    ...lab,
    boot: async (action, disk) => {
      await lab.control('node', 'boot', nodeName, action);
      const drive = disk === undefined ? [] : ['-drive', `if=virtio,format=raw,file=${disk}`];
      const clock = ['-rtc', 'base=1970-01-02'];
      const args = [...biosMachine(mac), ...clock, '-m', '1536', ...drive];
      const machine = await powerOn(lab.machine(), { args });
      t.teardown(() => {
        if (!t.passed) t.log(machine.stdout.lines().slice(-80).join('\n'));
      });
      return machine;
    },
  };
}

function renderActions(actions: DracutLabPlan['actions']) {
  const args =
    `ip=dhcp rd.neednet=1 inst.stage2=${stageTwoUrl} console=ttyS0 systemd.show_status=no ` +
    'inst.ks=http://{server}/kickstart/{token} scree.frontend=http://{server} scree.token={token} scree.linger=0';
  const list = Object.entries(actions).map(([action, behind]) => {
    const initrds = ['dracut/initrd', 'dracut/hooks', ...behind];
    return [action, { kernel: 'dracut/linux', initrds, args, installs: true }] as const;
  });
  return Object.fromEntries(list);
}
