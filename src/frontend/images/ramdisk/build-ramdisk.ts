import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../../runtime/errors.ts';
import { compressImage } from '../compress.ts';
import { writeCpio } from '../cpio.ts';
import type { AgentFiles, Compression, CpioEntry } from '../types.ts';
import { RamdiskError } from './errors.ts';
import { collectModules } from './modules.ts';
import { fetchPackages, findKernelPackage, systemPackages } from './packages.ts';
import { runProgram } from './run-program.ts';
import { collectSystemFiles } from './system-files.ts';

export type RamdiskOptions = {
  /** Where .deb files are kept from one build to the next. */
  readonly packages: string;
  /** A package with a kernel and its modules, or one that needs it: `linux-image-amd64`. */
  readonly kernel: string;
  readonly compression: Compression;
  readonly agent: AgentFiles;
  readonly onStep?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
};

export type Ramdisk = {
  readonly kernel: Buffer;
  readonly image: Buffer;
  /** What it takes in a machine's memory. */
  readonly unpackedBytes: number;
  /** Of the kernel: `6.1.0-56-amd64`. */
  readonly release: string;
  /** File names of the packages that it was made of, sorted. */
  readonly packages: readonly string[];
};

/**
 * A kernel and a ramdisk for x64 that installs machines by script (docs/ramdisk.md), out of Debian's
 * packages. Nothing is installed here. The same packages and agent give the same bytes. Throws
 * RamdiskError, ImageError, or the reason of `signal`.
 */
export async function buildRamdisk(options: RamdiskOptions): Promise<Ramdisk> {
  const { agent, compression, onStep, signal } = options;
  const search = { folder: options.packages, signal };
  onStep?.('fetching packages');
  const kernelPackage = await findKernelPackage(options.kernel, search);
  const debs = await fetchPackages([...systemPackages, kernelPackage], search);
  const scratch = await mkdtemp(join(tmpdir(), 'scree-ramdisk-'));
  try {
    onStep?.(`unpacking ${debs.length} packages`);
    for (const deb of debs) await unpack(deb, scratch, signal);
    const { kernel, release } = await readKernel(scratch, kernelPackage);
    onStep?.(`choosing modules of ${release}`);
    const modules = await collectModules(join(scratch, 'lib/modules', release), release);
    const system = await collectSystemFiles(scratch);
    onStep?.('compressing');
    const cpio = writeCpio(withFolders([...system, ...modules, ...agent.entries]));
    const image = await compressImage(cpio, compression);
    signal?.throwIfAborted();
    const packages = debs.map((deb) => basename(deb)).sort();
    return { kernel, image, unpackedBytes: cpio.length, release, packages };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function unpack(deb: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await runProgram({ file: 'dpkg-deb', args: ['--extract', deb, folder], folder, signal });
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const text = `expected a Debian package in '${deb}', got ${messageOf(cause)}; delete it, and build again`;
    throw new RamdiskError('bad-package', text, { cause });
  }
}

async function readKernel(root: string, packageName: string) {
  const names = await readdir(join(root, 'boot')).catch(() => []);
  const [name, ...others] = names.filter((each) => each.startsWith('vmlinuz-'));
  if (name === undefined || others.length > 0) {
    const text = `expected one kernel in the package ${packageName}, found ${[name, ...others].join(', ') || 'none'}; name another with --kernel`;
    throw new RamdiskError('no-kernel', text);
  }
  const kernel = await readFile(join(root, 'boot', name));
  return { kernel, release: name.slice('vmlinuz-'.length) };
}

/** Each folder before what it holds; those that are there as entries already stay as they are. */
function withFolders(entries: readonly CpioEntry[]): readonly CpioEntry[] {
  const known = new Set(entries.map(({ path }) => path));
  const paths = new Set(entries.flatMap(({ path }) => foldersOf(path)));
  const folders = [...paths].filter((path) => !known.has(path));
  return [...entries, ...folders.map((path) => ({ kind: 'folder', path, mode: 0o755 }) as const)];
}

function foldersOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...foldersOf(parent), parent];
}
