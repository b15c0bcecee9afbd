import { spawnSync } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';

/** Something that a test file needs and that a machine may lack. */
export type Requirement = {
  readonly name: string;
  /** What brings it; undefined for what no package can bring. */
  readonly debianPackage: string | undefined;
  readonly isMet: () => boolean;
};

// Where Debian keeps what root runs; not in every user's PATH.
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export function program(name: string, debianPackage: string): Requirement {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...systemFolders];
  return { name, debianPackage, isMet: () => folders.some((each) => isRunnable(join(each, name))) };
}

/** A file that is none to run, such as a library; `pattern` is a glob. */
export function library(name: string, pattern: string, debianPackage: string): Requirement {
  return { name, debianPackage, isMet: () => globSync(pattern).length > 0 };
}

export const root: Requirement = {
  name: 'root',
  debianPackage: undefined,
  isMet: () => process.getuid?.() === 0,
};

export const namespaces: Requirement = {
  name: 'the right to make network and mount namespaces',
  debianPackage: undefined,
  isMet: () => spawnSync('unshare', ['--net', '--mount', 'true']).status === 0,
};

export const ownAddress: Requirement = {
  name: 'an IPv4 address beside loopback',
  debianPackage: undefined,
  isMet: () => findOwnAddress() !== undefined,
};

/** An address of this machine that is not loopback. */
export function findOwnAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

/** What this machine lacks, in words, or undefined when it has everything. */
export function describeLack(requirements: readonly Requirement[]): string | undefined {
  const lacking = requirements.filter((requirement) => !requirement.isMet());
  if (lacking.length === 0) return undefined;
  return lacking
    .map(({ name, debianPackage }) =>
      debianPackage === undefined ? name : `${name} (Debian package ${debianPackage})`,
    )
    .join(', ');
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
