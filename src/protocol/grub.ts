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

export type GrubOptions = {
  /** `/` for TFTP; `/boot/` where GRUB itself came by HTTP. */
  readonly base?: '/' | `/${string}/`;
};

/** What UEFI systems have on their disks, in the order in which they are tried. */
const diskLoaders = [
  ...['debian/shimx64', 'debian/grubx64', 'ubuntu/shimx64', 'fedora/shimx64', 'redhat/shimx64'],
  ...['rocky/shimx64', 'almalinux/shimx64', 'centos/shimx64', 'opensuse/shim', 'sles/shim'],
  ...['debian/shimaa64', 'debian/grubaa64', 'debian/grubia32'],
  ...['Microsoft/Boot/bootmgfw', 'BOOT/BOOTX64', 'BOOT/BOOTAA64', 'BOOT/BOOTIA32'],
].map((name) => `/EFI/${name}.efi`);

/**
 * A grub.cfg. For local boot under UEFI the disk's own loader is chain-loaded, since many
 * firmwares show a menu when a boot option ends well; other firmwares go on by themselves after
 * `exit`. Throws BootTextError.
 */
export function renderGrub(plan: BootPlan, options: GrubOptions = {}): string {
  switch (plan.kind) {
    case 'local':
      return renderLocal();
    case 'wait':
      return renderWait(plan, options);
    case 'kernel':
      return renderKernel(plan, options);
  }
}

function renderLocal(): string {
  return [
    'if [ "$grub_platform" = "efi" ]; then',
    `  for loader in ${diskLoaders.join(' ')}; do`,
    // What is started belongs to the device that `root` names, whatever its path says.
    '    if search --no-floppy --set=root --file "$loader"; then',
    '      chainloader "$loader"',
    '      boot',
    '    fi',
    '  done',
    'fi',
    'exit',
    '',
  ].join('\n');
}

/**
 * A loop that reads the same configuration again and again. That one, read inside of the loop, only
 * says what to show; a loop in a loop in a loop would in the end fill the memory.
 */
function renderWait({ text, path }: WaitPlan, options: GrubOptions): string {
  const file = `${checkBase(options.base ?? '/')}${checkBootPath(path)}`;
  return [
    `set scree_text='${plainText(text)}'`,
    'if [ "$scree_waits" != "1" ]; then',
    '  set scree_waits=1',
    '  while [ "$scree_waits" = "1" ]; do',
    '    echo "$scree_text"',
    `    sleep --interruptible ${waitSeconds}`,
    `    source ${file}`,
    '  done',
    'fi',
    '',
  ].join('\n');
}

function renderKernel(plan: KernelPlan, options: GrubOptions): string {
  const { kernel, initrds, words } = checkKernelPlan(plan);
  const base = checkBase(options.base ?? '/');
  const paths = initrds.map((path) => `${base}${path}`);
  return [
    ['linux', `${base}${kernel}`, ...words.flatMap(grubWord)].join(' '),
    ...(paths.length === 0 ? [] : [['initrd', ...paths].join(' ')]),
    'boot',
    '',
  ].join('\n');
}

/**
 * A word that GRUB hands to the kernel unchanged. GRUB puts the quotes around a word with spaces
 * itself, and a backslash before every quote and backslash, which the kernel then would see.
 */
function grubWord(word: string): string[] {
  const plain = word.replaceAll('"', '');
  if (/['\\]/.test(plain)) throw badArguments("neither ' nor \\ where GRUB is used", word);
  if (plain === '') return [];
  return [/^[\w@%+=:,./-]+$/.test(plain) ? plain : `'${plain}'`];
}
