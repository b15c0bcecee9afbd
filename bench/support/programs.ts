import { globSync } from 'node:fs';
import { BenchError } from './bench-error.ts';

/** A file that has to be there, as a glob, and the Debian package that brings it. */
export type NeededFile = { readonly file: string; readonly debianPackage: string };

/** What makes namespaces and starts programs in them. */
export const rackPrograms: readonly NeededFile[] = [
  { file: '/usr/bin/nsenter', debianPackage: 'util-linux' },
  { file: '/usr/bin/setpriv', debianPackage: 'util-linux' },
  { file: '/{usr/,}{s,}bin/ip', debianPackage: 'iproute2' },
  { file: '/{usr/,}{s,}bin/tc', debianPackage: 'iproute2' },
];

/** Throws BenchError `missing-programs`, naming all Debian packages that bring what is missing. */
export function requirePrograms(needs: readonly NeededFile[]): void {
  const missing = needs.filter(({ file }) => globSync(file).length === 0);
  if (missing.length === 0) return;
  const files = [...new Set(missing.map(({ file }) => file))].join(', ');
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(' ');
  throw new BenchError(
    'missing-programs',
    `expected ${files}, found none; install them with 'npm run test:setup' or ` +
      `'apt-get install --no-install-recommends ${packages}'`,
  );
}
