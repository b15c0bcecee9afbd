import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../runtime/errors.ts';
import { BootFilesError } from './errors.ts';
import {
  grubModules,
  type InstallerLayout,
  installerLayouts,
  loaderFiles,
  rareLoaderFiles,
} from './import-layouts.ts';
import { folderMedium, type Medium, openMedium } from './medium.ts';
import { type Copied, type Copy, type CopyControls, copyStaged } from './staged-copies.ts';

export type ImportOptions = CopyControls & {
  /** `<state>/tftpboot`. */
  readonly root: string;
  /** `debian-netboot` for this machine's Debian packages; else a folder or an ISO image. */
  readonly source: string;
  /** Kernel and ramdisk become `<name>/linux` and `<name>/initrd`. */
  readonly name?: string;
  /** Where packages are installed. */
  readonly system?: string;
};

export type ImportReport = {
  /** Paths are from the root. */
  readonly files: readonly Copied[];
  readonly kernel: string;
  readonly initrd: string;
  /** Loaders that are not there; whoever has such machines installs the package. */
  readonly missing: readonly { readonly path: string; readonly package: string }[];
};

/**
 * Puts loaders, a kernel and a ramdisk into the general root: all of them, or, when this throws
 * BootFilesError or the reason of `signal`, none.
 */
export async function importBoot(options: ImportOptions): Promise<ImportReport> {
  const { name = 'debian', system = '/' } = options;
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) || name === 'hosts') {
    const rule = "a-z, 0-9, '.', '_' and '-' (at most 64, not 'hosts')";
    throw new BootFilesError('bad-name', `expected a name of ${rule}, got '${name}'`);
  }
  const what = { ...options, name };
  return what.source === 'debian-netboot' ? importPackages(what, system) : importMedium(what);
}

type Import = Omit<ImportOptions, 'system'> & { readonly name: string };

async function importPackages(what: Import, system: string): Promise<ImportReport> {
  const loaders = await loaderCopies({ medium: folderMedium(system), names: 'from' });
  const missing = loaderFiles
    .filter(({ to }) => !loaders.has(to))
    .map(({ to, package: packageName }) => ({ path: to, package: packageName }));
  const medium = await packagedInstaller(system);
  if (medium === undefined) throw installerMissing(missing);
  const installer = await installerCopies(medium, what);
  const copies = [...loaders.values(), ...(await moduleCopies(system)), ...installer];
  const files = await copyStaged(what.root, copies, what);
  return { ...report(what, files), missing };
}

/** A folder may hold loaders, under the names that they get here; images have those for disks. */
async function importMedium(what: Import): Promise<ImportReport> {
  const medium = await openMedium(what.source);
  const installer = await installerCopies(medium, what);
  const isFolder = medium.kind === 'folder';
  const loaders = isFolder ? await loaderCopies({ medium, names: 'to' }) : new Map<string, Copy>();
  const files = await copyStaged(what.root, [...loaders.values(), ...installer], what);
  return { ...report(what, files), missing: [] };
}

function report({ name }: Import, files: readonly Copied[]) {
  return { files, kernel: `${name}/linux`, initrd: `${name}/initrd` };
}

const images = 'usr/lib/debian-installer/images';

/** The newest release's netboot files, as debian-installer-<n>-netboot-<architecture> has them. */
async function packagedInstaller(system: string): Promise<Medium | undefined> {
  const releases = (await namesIn(join(system, images))).toSorted((a, b) => Number(b) - Number(a));
  for (const release of releases) {
    for (const architecture of await namesIn(join(system, images, release))) {
      return folderMedium(join(system, images, release, architecture, 'text'));
    }
  }
  return undefined;
}

/** Names the loaders' packages as well, so that one command is enough. */
function installerMissing(missing: ImportReport['missing']): BootFilesError {
  const packages = new Set(missing.map((each) => each.package));
  const names = ['debian-installer-12-netboot-amd64', ...packages].join(' ');
  return new BootFilesError(
    'package-missing',
    `expected Debian's netboot files below /${images}, found none; apt-get install ${names}`,
  );
}

async function installerCopies(medium: Medium, { source, name }: Import): Promise<Copy[]> {
  for (const layout of installerLayouts) {
    const kernel = await medium.find(layout.kernel);
    const initrd = await medium.find(layout.initrd);
    if (kernel === undefined || initrd === undefined) continue;
    return [
      { to: `${name}/linux`, read: kernel },
      { to: `${name}/initrd`, read: initrd },
      ...(await signedLoaders(medium, layout, name)),
    ];
  }
  const looked = installerLayouts.map(({ kernel, initrd }) => `${kernel} with ${initrd}`);
  throw new BootFilesError(
    'nothing-to-boot',
    `expected an installer's kernel and ramdisk in '${source}', found none of ${looked.join(', ')}`,
  );
}

async function signedLoaders(medium: Medium, { signed = [] }: InstallerLayout, name: string) {
  const copies: Copy[] = [];
  for (const { to, from } of signed) {
    const read = await medium.find(from);
    if (read !== undefined) copies.push({ to: `${name}/${to}`, read });
  }
  return copies;
}

/** Where loaders are looked for, and under which of their names. */
type LoaderSource = { readonly medium: Medium; readonly names: 'to' | 'from' };

async function loaderCopies({ medium, names }: LoaderSource): Promise<Map<string, Copy>> {
  const copies = new Map<string, Copy>();
  for (const file of [...loaderFiles, ...rareLoaderFiles]) {
    // Modules of another release than their loader's would stop it.
    const { goesWith } = file;
    if (goesWith !== undefined && !goesWith.some((loader) => copies.has(loader))) continue;
    const read = await medium.find(file[names]);
    if (read !== undefined) copies.set(file.to, { to: file.to, read });
  }
  return copies;
}

/** Open Firmware's GRUB loads these one by one. */
async function moduleCopies(system: string): Promise<Copy[]> {
  const { from, to } = grubModules;
  const medium = folderMedium(join(system, from));
  const copies: Copy[] = [];
  for (const name of await namesIn(join(system, from))) {
    const read = /\.(?:mod|lst)$/.test(name) ? await medium.find(name) : undefined;
    if (read !== undefined) copies.push({ to: `${to}/${name}`, read });
  }
  return copies;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
