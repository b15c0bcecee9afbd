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

export type TransferStory = {
  /** What should be known of a file that is sent from now on, of which nobody tells at its end. */
  readonly expect: (asker: Asker, path: string, reason: string) => void;
  /**
   * Puts it into the story of the machine that asked, if it is known who did, and lets an install
   * that it belongs to count as one that goes on.
   */
  readonly tell: (asker: Asker, transfer: BootTransfer) => void;
};

const mostExpected = 4096;

export function createTransferStory({ events, heard }: TransferStoryDeps): TransferStory {
  const waiting = new Map<string, string>();
  const expected = new Map<string, string>();
  const takeExpected = (machine: string, path: string): string | undefined => {
    const reason = expected.get(`${machine} ${path}`);
    expected.delete(`${machine} ${path}`);
    return reason;
  };
  /** A loader that waits asks twice a minute, for days: it is told once. */
  const isAgain = ({ name, bootState, stateAtMs }: MachineNode, path: string): boolean => {
    if (bootState !== 'failed' || parseBootConfigName(path) === undefined) return false;
    const what = `${stateAtMs} ${path}`;
    const before = waiting.get(name);
    waiting.set(name, what);
    return before === what;
  };
  return {
    expect: ({ machine }, path, reason) => {
      // Of those that were never sent.
      if (expected.size >= mostExpected) expected.clear();
      if (machine !== undefined) expected.set(`${machine} ${path}`, reason);
    },
    tell: ({ node, machine }, { sizeBytes, reason: told, ...transfer }) => {
      const { event, text, path } = transfer;
      if (machine === undefined) return;
      const reason = takeExpected(machine, path) ?? told;
      if (text === 'refused' && isOneOfMany(path)) return;
      if (node !== undefined && text === 'sent') {
        heard(node, `was sent ${path} by ${event.toUpperCase()}`);
        if (isAgain(node, path)) return;
      }
      events.record({
        machine,
        ...transfer,
        ...(reason === undefined ? {} : { reason }),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
      });
    },
  };
}

/** Loaders try many names; when the last one, that of everybody, is refused, they give up. */
function isOneOfMany(path: string): boolean {
  return isBootProbe(path) && parseBootConfigName(path)?.by !== 'default';
}
