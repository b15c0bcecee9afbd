/** What a loader means by the name of the configuration that it asks for. */
export type BootConfigName = {
  readonly loader: 'pxelinux' | 'grub' | 'ipxe' | 'yaboot';
  /** Where the loader's own files stand: `''` for the root, else without a slash at the end. */
  readonly folder: string;
} & ConfigSubject;

/** Whose configuration: UUID and MAC in lower case, IPv4 address, or the address's first hex digits. */
export type ConfigSubject =
  | { readonly by: 'uuid' | 'mac' | 'address' | 'prefix'; readonly value: string }
  | { readonly by: 'default'; readonly value: '' };

/**
 * Which configuration a path names, or undefined for any other file. Paths are without a leading
 * slash: `pxelinux.cfg/01-52-54-00-…`, `grub/grub.cfg-0A4D0001`, `boot.ipxe`, `yaboot.conf`, and
 * Yaboot's own first questions, `01-52-54-00-…` and `0A4D0001` in the root or in `etc`.
 */
export function parseBootConfigName(path: string): BootConfigName | undefined {
  const { folder, name } = splitPath(path);
  return pxelinuxName(folder, name) ?? namedFile(folder, name) ?? yabootQuestion(folder, name);
}

/**
 * True for what loaders ask for only to see whether it is there: to be absent is no event. These
 * are configurations of other names, GRUB's lists of what it could load, and shim's revocations.
 */
export function isBootProbe(path: string): boolean {
  if (parseBootConfigName(path) !== undefined) return true;
  return probes.some((probe) => probe.test(path));
}

const probes = [
  /(?:^|\/)[a-z0-9_]+-[a-z0-9_]+\/(?:command|fs|crypto|terminal|parttool|video|moddep)\.lst$/,
  /(?:^|\/)(?:revocations(?:_[a-z]+)?|shim_certificate(?:_\d+)?)\.efi$/,
];

/** The eight upper-case hex digits that loaders make of an IPv4 address. */
export function hexOfAddress(address: string): string {
  const bytes = address.split('.').map(Number);
  return bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

function pxelinuxName(folder: string, name: string): BootConfigName | undefined {
  const parent = splitPath(folder);
  if (parent.name !== 'pxelinux.cfg') return undefined;
  const subject = name === 'default' ? everybody : subjectOf(name);
  return subject && { loader: 'pxelinux', folder: parent.folder, ...subject };
}

const fileNames = [
  ['grub', /^grub\.cfg(?:-(.+))?$/],
  ['ipxe', /^(?:boot|autoexec)\.ipxe(?:-(.+))?$/],
  ['yaboot', /^yaboot\.conf(?:-(.+))?$/],
] as const;

function namedFile(folder: string, name: string): BootConfigName | undefined {
  for (const [loader, pattern] of fileNames) {
    const match = pattern.exec(name);
    if (match === null) continue;
    const subject = match[1] === undefined ? everybody : subjectOf(match[1]);
    return subject && { loader, folder, ...subject };
  }
  return undefined;
}

function yabootQuestion(folder: string, name: string): BootConfigName | undefined {
  if (folder !== '' && folder !== 'etc') return undefined;
  const subject = subjectOf(name);
  // A file of few hex digits in the root is more likely just a file.
  if (subject?.by !== 'mac' && subject?.by !== 'address') return undefined;
  return { loader: 'yaboot', folder, ...subject };
}

const everybody = { by: 'default', value: '' } as const;

function subjectOf(text: string): ConfigSubject | undefined {
  const lower = text.toLowerCase();
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower)) {
    return { by: 'uuid', value: lower };
  }
  // 01: Ethernet.
  const mac = /^01((?:[:-][0-9a-f]{2}){6})$/.exec(lower)?.[1];
  if (mac !== undefined) return { by: 'mac', value: mac.slice(1).replaceAll('-', ':') };
  if (!/^[0-9a-f]{1,8}$/.test(lower)) return undefined;
  if (lower.length < 8) return { by: 'prefix', value: lower.toUpperCase() };
  return { by: 'address', value: Buffer.from(lower, 'hex').join('.') };
}

function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}
