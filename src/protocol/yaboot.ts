import type { BootPlan } from './boot-plan.ts';
import { BootTextError, badArguments, checkKernelPlan, type KernelPlan } from './boot-text.ts';
import { joinPaths } from './joined-path.ts';

/** Yaboot's longest token. */
const longestToken = 510;

/**
 * A yaboot.conf, for Open Firmware. Yaboot loads one ramdisk: several are asked for under one name.
 * Local boot is Yaboot's own word `bye`: back to the firmware, which goes to its next device; it
 * knows nothing that would wait, and does the same then.
 * Throws BootTextError.
 */
export function renderYaboot(plan: BootPlan): string {
  return plan.kind === 'kernel' ? renderKernel(plan) : 'timeout=1\ndefault=bye\n';
}

function renderKernel(plan: KernelPlan): string {
  const { label, kernel, initrds, words } = checkKernelPlan(plan);
  const initrd = joinPaths(initrds);
  if (initrd.length > longestToken) {
    const expected = `ramdisks with names of at most ${longestToken} characters together for Yaboot`;
    throw new BootTextError('bad-boot-path', `expected ${expected}, got ${initrd.length}`);
  }
  const append = words.join(' ');
  if (append.length > longestToken) {
    throw badArguments(`at most ${longestToken} characters for Yaboot`, `${append.length}`);
  }
  return [
    // In tenths of a second; 0 would wait for somebody to type.
    'timeout=1',
    `default=${label}`,
    `image=${kernel}`,
    `\tlabel=${label}`,
    ...(initrd === '' ? [] : [`\tinitrd=${initrd}`]),
    ...(append === '' ? [] : [`\tappend="${append.replaceAll(/["\\]/g, '\\$&')}"`]),
    '',
  ].join('\n');
}
