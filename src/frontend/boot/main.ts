import { join } from 'node:path';
import type { HostLink } from './host-links.ts';
import { type ImportOptions, type ImportReport, importBoot } from './import.ts';
import { createBootRoots } from './roots.ts';

/** What can be done with the boot files of a state folder, whether its frontend runs or not. */
export type BootFilesOfState = {
  /** The general root. */
  readonly folder: string;
  /** Where a machine's own files and links are. */
  readonly hostFolder: (name: string) => string;
  /** See importBoot. Throws BootFilesError. */
  readonly import: (options: Omit<ImportOptions, 'root' | 'system'>) => Promise<ImportReport>;
  /** What each name in a machine's host root leads to, sorted; empty where there is none. */
  readonly links: (name: string) => Promise<readonly HostLink[]>;
};

export function createBootFiles({ state }: { readonly state: string }): BootFilesOfState {
  const folder = join(state, 'tftpboot');
  const roots = createBootRoots({ generate: () => undefined }, { folder });
  return {
    folder,
    hostFolder: (name) => join(folder, 'hosts', name),
    import: (options) => importBoot({ ...options, root: folder }),
    links: (name) => roots.listLinks({ name }),
  };
}
