import type { BootPlan } from './boot-plan.ts';
import {
  badArguments,
  checkBase,
  checkBootPath,
  checkKernelPlan,
  type KernelPlan,
  plainText,
  type WaitPlan,
  waitSeconds,
} from './boot-text.ts';

export type PxelinuxOptions = {
  /**
   * What stands before each path. PXELINUX looks for plain names beside itself; `::` leads to the
   * root of the TFTP server. Other readers of such files (SLOF) know plain names only.
   */
  readonly base?: '' | '::' | `http://${string}/`;
  /** 0 boots the disk at once, -1 returns to the firmware, which goes to its next device. */
  readonly localBoot?: 0 | -1;
};

/**
 * A file below `pxelinux.cfg/` for PXELINUX, SYSLINUX for EFI, and firmware that reads the same
 * (SLOF). Throws BootTextError.
 */
export function renderPxelinux(plan: BootPlan, options: PxelinuxOptions = {}): string {
  switch (plan.kind) {
    case 'local':
      return renderLocal(options.localBoot ?? 0);
    case 'wait':
      return renderWait(plan, options);
    case 'kernel':
      return renderKernel(plan, options);
  }
}

function renderLocal(localBoot: 0 | -1): string {
  return `DEFAULT local\nPROMPT 0\nLABEL local\n  LOCALBOOT ${localBoot}\n`;
}

/** The prompt is what waits; whatever is typed there, only one thing follows. */
function renderWait({ text, path }: WaitPlan, options: PxelinuxOptions): string {
  const tenths = `${waitSeconds}0`;
  return [
    'DEFAULT wait',
    'PROMPT 1',
    `TIMEOUT ${tenths}`,
    `TOTALTIMEOUT ${tenths}`,
    'ONTIMEOUT wait',
    'NOESCAPE 1',
    'ALLOWOPTIONS 0',
    'IMPLICIT 0',
    `SAY ${plainText(text)}`,
    'LABEL wait',
    `  CONFIG ${checkBase(options.base ?? '')}${checkBootPath(path)}`,
    '',
  ].join('\n');
}

function renderKernel(plan: KernelPlan, options: PxelinuxOptions): string {
  const { label, kernel, initrds, words } = checkKernelPlan(plan);
  const base = checkBase(options.base ?? '');
  // A single dash stands for no arguments.
  if (words.join(' ') === '-') throw badArguments('something', `'-'`);
  return [
    `DEFAULT ${label}`,
    'PROMPT 0',
    `LABEL ${label}`,
    `  ${keywordFor(kernel)} ${base}${kernel}`,
    ...(initrds.length === 0 ? [] : [`  INITRD ${initrds.map((each) => base + each).join(',')}`]),
    ...(words.length === 0 ? [] : [`  APPEND ${words.join(' ')}`]),
    // The loader adds BOOTIF=01-<mac>: the installer's interface is the one it was booted from.
    '  IPAPPEND 2',
    '',
  ].join('\n');
}

/** KERNEL, which everybody knows, guesses from the extension what a file is: `linux-6.0` is none. */
function keywordFor(kernel: string): 'KERNEL' | 'LINUX' {
  return /\.(?:0|bin|bss?|c32|cbt|com|fss|img|pxe)$/i.test(kernel) ? 'LINUX' : 'KERNEL';
}
