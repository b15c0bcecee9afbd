import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../../../runtime/errors.ts';
import { RamdiskError } from './errors.ts';
import { runProgram } from './run-program.ts';

/** Debian's packages that the ramdisk is made of, beside the kernel's and the agent's files. */
export const systemPackages: readonly string[] = [
  ...['busybox', 'debian-archive-keyring', 'debootstrap', 'e2fsprogs', 'extlinux', 'fdisk'],
  ...['gpgv', 'perl-base'],
  // What those load.
  ...['libblkid1', 'libbz2-1.0', 'libc6', 'libcom-err2', 'libcrypt1', 'libext2fs2', 'libfdisk1'],
  ...['libgcrypt20', 'libgpg-error0', 'libmount1', 'libncursesw6', 'libpcre2-8-0', 'libreadline8'],
  ...['libselinux1', 'libsmartcols1', 'libtinfo6', 'libuuid1', 'zlib1g'],
];

export type PackageSearch = {
  /** Where .deb files are kept: what lies there is not fetched again. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * The .deb files of these packages, as this machine's apt would install them; none is installed. A
 * package that apt cannot tell of is taken from the folder, if it lies there. Throws RamdiskError
 * `no-packages`.
 */
export async function fetchPackages(
  names: readonly string[],
  { folder: where, signal }: PackageSearch,
): Promise<readonly string[]> {
  const folder = resolve(where);
  await mkdir(folder, { recursive: true });
  const download = (place: string, args: readonly string[]) =>
    runProgram({ file: 'apt-get', args: ['-q', 'download', ...args], folder: place, signal });
  try {
    // It says nothing of what lies where it runs.
    const wanted = readUris(await download('/', ['--print-uris', ...names]));
    const lacking = await Promise.all(wanted.map((each) => isLacking(folder, each)));
    const fetched = wanted.flatMap(({ name }, index) => (lacking[index] ? [name] : []));
    if (fetched.length > 0) await download(folder, fetched);
    return wanted.map(({ file }) => join(folder, file));
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const kept = await keptPackages(names, folder);
    if (kept !== undefined) return kept;
    const text = `expected apt-get to fetch Debian's packages into '${folder}', got ${messageOf(cause)}; 'apt-get update' (as root) renews its lists, 'apt-get install apt dpkg' brings the programs`;
    throw new RamdiskError('no-packages', text, { cause });
  }
}

/**
 * `linux-image-6.1.0-56-amd64` for `linux-image-amd64`, which only needs the newest of them; where
 * apt cannot tell, the last that lies in the folder.
 */
export async function findKernelPackage(name: string, search: PackageSearch): Promise<string> {
  await mkdir(search.folder, { recursive: true });
  const args = ['depends', '--no-recommends', '--no-suggests', name];
  const printed = await runProgram({ file: 'apt-cache', args, ...search }).catch(() => '');
  if (printed === '') return (await keptKernel(search.folder)) ?? name;
  return /^\s*Depends: (linux-image-\S+)$/m.exec(printed)?.[1] ?? name;
}

type Wanted = { readonly name: string; readonly file: string; readonly sizeBytes: number };

/** `'http://…' busybox_1%3a1.35.0-4_amd64.deb 452120 SHA256:…` */
function readUris(printed: string): readonly Wanted[] {
  return printed.split('\n').flatMap((line) => {
    const [, file = '', size = ''] = /^'[^']*' (\S+) (\d+)/.exec(line) ?? [];
    const [name = ''] = file.split('_');
    return file === '' ? [] : [{ name, file, sizeBytes: Number(size) }];
  });
}

async function isLacking(folder: string, { file, sizeBytes }: Wanted): Promise<boolean> {
  const found = await stat(join(folder, file)).catch(() => undefined);
  return found?.size !== sizeBytes;
}

async function keptKernel(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).sort();
  const isKernel = (name: string) => /^linux-image-\d[^_]*_.*\.deb$/.test(name);
  return names.findLast(isKernel)?.split('_')[0];
}

async function keptPackages(
  names: readonly string[],
  folder: string,
): Promise<readonly string[] | undefined> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.deb')).sort();
  const kept = names.flatMap((name) => files.findLast((file) => file.startsWith(`${name}_`)) ?? []);
  return kept.length === names.length ? kept.map((file) => join(folder, file)) : undefined;
}
