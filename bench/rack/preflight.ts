import { rackPrograms, requirePrograms } from '../support/programs.ts';
import type { System } from './system.ts';

const shared = [...rackPrograms, { file: '/usr/bin/curl', debianPackage: 'curl' }];

/** Throws BenchError `missing-programs`, naming all Debian packages that bring what is missing. */
export function checkPrograms(systems: readonly System[]): void {
  requirePrograms([...shared, ...systems.flatMap((system) => system.needs)]);
}
