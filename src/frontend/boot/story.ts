import { isBootProbe, parseBootConfigName } from '../../protocol/boot-config-name.ts';
import type { EventLog } from '../nodes/event-log.ts';
import type { MachineNode } from '../nodes/types.ts';
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

export type TransferStoryDeps = {
  readonly events: Pick<EventLog, 'record'>;
  /** Shows that the node's install goes on; see Installs. */
  readonly heard: (node: MachineNode, what: string) => void;
};

/**
 * Puts it into the story of the machine that asked, if it is known who did, and lets an install
 * that it belongs to count as one that goes on.
 */
export function tellTransfer(
  { events, heard }: TransferStoryDeps,
  { node, machine }: Asker,
  { sizeBytes, reason, ...transfer }: BootTransfer,
): void {
  if (machine === undefined) return;
  const { event, text, path } = transfer;
  if (node !== undefined && text === 'sent') {
    heard(node, `was sent ${path} by ${event.toUpperCase()}`);
  }
  if (text === 'refused' && isOneOfMany(path)) return;
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
