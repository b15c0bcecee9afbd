import { globSync } from 'node:fs';
import { BenchError } from '../support/bench-error.ts';
import type { System } from './system.ts';

const shared = [
  { file: '/usr/bin/curl', debianPackage: 'curl' },
  { file: '/usr/bin/nsenter', debianPackage: 'util-linux' },
  { file: '/usr/bin/setpriv', debianPackage: 'util-linux' },
  { file: '/{usr/,}{s,}bin/ip', debianPackage: 'iproute2' },
  { file: '/{usr/,}{s,}bin/tc', debianPackage: 'iproute2' },
];

/** Throws BenchError `missing-programs`, naming all Debian packages that bring what is missing. */
export function checkPrograms(systems: readonly System[]): void {
  const needs = [...shared, ...systems.flatMap((system) => system.needs)];
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
