import { isBootProbe, parseBootConfigName } from '../../protocol/boot-config-name.ts';
import type { EventLog } from '../nodes/event-log.ts';
import type { Asker } from './who.ts';

/** A boot file that somebody asked for, and what came of it. */
export type BootTransfer = {
  readonly event: 'tftp' | 'http';
  /** `sent`, `refused`, or how else it ended. */
  readonly text: string;
  readonly path: string;
  readonly elapsedMs: number;
  readonly sizeBytes: number | undefined;
  /** Why it was not sent as a whole, or what should be known of it. */
  readonly reason: string | undefined;
};

/** Puts it into the story of the machine that asked, if it is known who did. */
export function tellTransfer(
  events: Pick<EventLog, 'record'>,
  { machine }: Asker,
  { sizeBytes, reason, ...transfer }: BootTransfer,
): void {
  if (machine === undefined) return;
  if (transfer.text === 'refused' && isOneOfMany(transfer.path)) return;
  events.record({
    machine,
    ...transfer,
    ...(reason === undefined ? {} : { reason }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });
}

/** Loaders try many names; when the last one, that of everybody, is refused, they give up. */
function isOneOfMany(path: string): boolean {
  return isBootProbe(path) && parseBootConfigName(path)?.by !== 'default';
}
