import { createRack, type RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import type { NeededFile } from '../support/programs.ts';
import type { Options } from './options.ts';
import type { DhcpSetting } from './settings.ts';

/** A wire with two ends, and nothing running on it. */
export type Stage = {
  readonly server: RackHost;
  /** Where all clients are. */
  readonly clients: RackHost;
  /** On a disk; for this run alone, removed after it. */
  readonly folder: string;
  readonly options: Options;
};

export type DhcpServer = {
  readonly name: string;
  readonly needs: readonly NeededFile[];
  /** Resolves when it answers. */
  readonly startDhcp: (stage: Stage, setting: DhcpSetting) => Promise<RackProcess>;
};

export type TftpServer = {
  readonly name: string;
  readonly needs: readonly NeededFile[];
  /** Whether it knows RFC 7440. */
  readonly hasWindows: boolean;
  /** Resolves when it serves the files of a folder. */
  readonly startTftp: (stage: Stage, root: string) => Promise<RackProcess>;
};

/** Lends a wire of its own to `work`; nothing of it remains, whatever happens. */
export async function withWire<Result>(
  work: (wire: Pick<Stage, 'server' | 'clients'>) => Promise<Result>,
): Promise<Result> {
  const rack = await createRack({
    hosts: [
      { name: 'server', ip: '10.88.0.1' },
      { name: 'clients', ip: '10.88.0.2' },
    ],
  });
  try {
    return await work({ server: rack.host('server'), clients: rack.host('clients') });
  } finally {
    await rack.remove();
  }
}
