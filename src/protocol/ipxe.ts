import type { BootPlan } from './boot-plan.ts';
import {
  badArguments,
  type CheckedPlan,
  checkBase,
  checkBootPath,
  checkKernelPlan,
  type KernelPlan,
  plainText,
  type WaitPlan,
  waitSeconds,
} from './boot-text.ts';

export type IpxeOptions = {
  /** What stands before each path; without it they are beside the script. */
  readonly base?: '' | '/' | `http://${string}/`;
  /**
   * `exit` returns to the firmware, which goes to its next device; `sanboot` has a BIOS start its
   * first disk at once (UEFI knows only the former).
   */
  readonly localBoot?: 'exit' | 'sanboot';
};

/** A script for iPXE. Throws BootTextError. */
export function renderIpxe(plan: BootPlan, options: IpxeOptions = {}): string {
  return ['#!ipxe', ...linesOf(plan, options), ''].join('\n');
}

function linesOf(plan: BootPlan, options: IpxeOptions): readonly string[] {
  switch (plan.kind) {
    case 'local':
      return localLines(options);
    case 'wait':
      return waitLines(plan, options);
    case 'kernel':
      return kernelLines(plan, options);
  }
}

function localLines({ localBoot = 'exit' }: IpxeOptions): string[] {
  const disk = [`iseq \${platform} pcbios && sanboot --no-describe --drive 0x80 ||`];
  // UEFI stops at its menu after success, and goes on after a failure.
  const leave = [`iseq \${platform} efi && exit 1 ||`, 'exit'];
  return localBoot === 'sanboot' ? [...disk, ...leave] : leave;
}

/** The new script takes this one's place; while there is none to be had, this one goes on. */
function waitLines({ text, path }: WaitPlan, options: IpxeOptions): string[] {
  const url = `${checkBase(options.base ?? '')}${checkBootPath(path)}`;
  return [
    ':again',
    `echo ${plainText(text)}`,
    `sleep ${waitSeconds} ||`,
    `chain --replace --autofree ${url} || goto again`,
  ];
}

function kernelLines(plan: KernelPlan, options: IpxeOptions): string[] {
  const checked = checkKernelPlan(plan);
  expectPlainWords(checked.words);
  const base = checkBase(options.base ?? '');
  const names = checked.initrds.map((_, at) => `initrd${at}`);
  // Under UEFI the kernel asks iPXE for its ramdisks by these names; under BIOS it ignores them.
  const ramdisks = names.map((name) => `initrd=${name}`);
  return [
    ['kernel --name linux', `${base}${checked.kernel}`, ...ramdisks, ...checked.words].join(' '),
    ...checked.initrds.map((path, at) => `initrd --name initrd${at} ${base}${path}`),
    'boot linux',
  ];
}

/** iPXE has no quoting: it parts lines at spaces, and knows these words and settings anywhere. */
function expectPlainWords(words: CheckedPlan['words']): void {
  for (const word of words.join(' ').split(' ')) {
    if (word.startsWith('#') || ['||', '&&', ';'].includes(word) || word.includes('${')) {
      throw badArguments('nothing that iPXE reads itself (# || && ; ${)', `'${word}'`);
    }
    if (word.endsWith('\\')) throw badArguments('no \\ at the end of a word for iPXE', `'${word}'`);
  }
  // Several spaces would arrive as one.
  if (words.some((word) => word.includes('  '))) {
    throw badArguments('single spaces, inside of values, where iPXE is used', words.join(' '));
  }
}
