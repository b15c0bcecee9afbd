import {
  type BootConfigName,
  hexOfAddress,
  parseBootConfigName,
} from '../../protocol/boot-config-name.ts';
import type { BootPlan } from '../../protocol/boot-plan.ts';
import { BootTextError } from '../../protocol/boot-text.ts';
import { renderGrub } from '../../protocol/grub.ts';
import { type IpxeOptions, renderIpxe } from '../../protocol/ipxe.ts';
import { type PxelinuxOptions, renderPxelinux } from '../../protocol/pxelinux.ts';
import { renderYaboot } from '../../protocol/yaboot.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type BootSettings, planBoot } from './plan-boot.ts';
import type { BootAccess, BootRefusal, GeneratedBootFile } from './types.ts';

/** The node's installs, as far as its boot files go. */
export type BootInstalls = {
  /** Its loader asks; the answer is for the node that is returned. */
  readonly bootFileAsked: (node: MachineNode) => MachineNode;
  readonly tokenOf: (node: MachineNode) => string;
};

export type GeneratorSettings = BootSettings & {
  /** How each loader goes on to the disk. */
  readonly localBoot?: {
    readonly pxelinux?: NonNullable<PxelinuxOptions['localBoot']>;
    readonly ipxe?: NonNullable<IpxeOptions['localBoot']>;
  };
};

/**
 * The text of a loader's configuration, made from what the machine is to boot at this moment.
 * Undefined for any other file, and for configurations of other machines: arguments may hold what
 * only this one may know.
 */
export function generateBootFile(
  request: { readonly node: MachineNode; readonly path: string; readonly access: BootAccess },
  settings: GeneratorSettings,
  installs: BootInstalls,
): GeneratedBootFile | BootRefusal | undefined {
  const { path, access } = request;
  const name = parseBootConfigName(path);
  if (name === undefined || !isMeant(request.node, name)) return undefined;
  const node = installs.bootFileAsked(request.node);
  const frontend = { server: access.server, token: installs.tokenOf(node) };
  try {
    const { plan: planned, ...rest } = planBoot(node, settings, frontend);
    const plan = planned.kind === 'wait' ? { ...planned, path } : planned;
    const text = render(name, withBootInterface(plan, { node, name }), { access, settings });
    return { kind: 'generated', text, ...rest };
  } catch (error) {
    if (!(error instanceof BootTextError)) throw error;
    return { kind: 'refuse', code: 'broken', reason: error.message };
  }
}

function isMeant(node: MachineNode, name: BootConfigName): boolean {
  const hex = node.address === undefined ? undefined : hexOfAddress(node.address);
  switch (name.by) {
    case 'default':
      return true;
    case 'uuid':
      return node.uuid === name.value;
    case 'mac':
      return node.macs.includes(name.value);
    case 'address':
      return node.address === name.value;
    case 'prefix':
      return hex?.startsWith(name.value) === true;
  }
}

/** Installers take the interface that they were booted from; PXELINUX names it by itself. */
function withBootInterface(
  plan: BootPlan,
  { node, name }: { readonly node: MachineNode; readonly name: BootConfigName },
): BootPlan {
  const mac = name.by === 'mac' ? name.value : onlyOne(node.macs);
  const isNamed = plan.kind !== 'kernel' || /(?:^| )BOOTIF=/.test(plan.args);
  if (isNamed || mac === undefined || name.loader === 'pxelinux') return plan;
  const interfaceName = `BOOTIF=01-${mac.replaceAll(':', '-')}`;
  return { ...plan, args: plan.args === '' ? interfaceName : `${interfaceName} ${plan.args}` };
}

function onlyOne(macs: readonly string[]): string | undefined {
  return macs.length === 1 ? macs[0] : undefined;
}

type Context = { readonly access: BootAccess; readonly settings: GeneratorSettings };

function render(name: BootConfigName, plan: BootPlan, { access, settings }: Context): string {
  const byHttp = `http://${access.server}/boot/` as const;
  switch (name.loader) {
    case 'pxelinux': {
      const fromRoot = access.protocol === 'http' ? byHttp : '::';
      const localBoot = settings.localBoot?.pxelinux ?? 0;
      return renderPxelinux(plan, { base: name.folder === '' ? '' : fromRoot, localBoot });
    }
    case 'grub':
      return renderGrub(plan, { base: access.protocol === 'http' ? '/boot/' : '/' });
    case 'ipxe':
      return renderIpxe(plan, { base: byHttp, localBoot: settings.localBoot?.ipxe ?? 'exit' });
    case 'yaboot':
      return renderYaboot(plan);
  }
}
