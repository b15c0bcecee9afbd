import type { Service } from '../runtime/lifecycle.ts';
import type { Log } from '../runtime/log.ts';
import type { BootInstalls } from './boot/generated.ts';
import type { NodeRecords } from './nodes/records.ts';

export type BootServicesDeps = {
  readonly log: Log;
  readonly nodes: NodeRecords;
  readonly installs: BootInstalls;
  /** Called with each part as soon as it runs. */
  readonly later: (service: Service) => void;
};
