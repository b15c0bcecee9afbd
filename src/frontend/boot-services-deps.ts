import type { Service } from '../runtime/lifecycle.ts';
import type { Log } from '../runtime/log.ts';
import type { Installs } from './installs/installs.ts';
import type { NodeRecords } from './nodes/records.ts';

export type BootServicesDeps = {
  readonly log: Log;
  readonly nodes: NodeRecords;
  readonly installs: Pick<Installs, 'bootFileAsked' | 'tokenOf' | 'heard'>;
  /** Called with each part as soon as it runs. */
  readonly later: (service: Service) => void;
};
