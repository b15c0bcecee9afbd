import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import {
  startTftpServer,
  type TftpServer,
  type TftpServerConfig,
} from '../../../src/frontend/tftp/server.ts';
import { startTftpThread } from '../../../src/frontend/tftp/thread/start-thread.ts';
import type { OpenThreadedFile, ThreadedFile } from '../../../src/frontend/tftp/thread/types.ts';
import type {
  OpenTftpFile,
  TftpFile,
  TftpRefusal,
  TftpTransferEvent,
} from '../../../src/frontend/tftp/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { until } from '../../tracker/until.ts';

export type ServedContents = Readonly<Record<string, Buffer>>;

/** Files in memory behind the door, with counts of what was done to them. */
export function createDoor(contents: ServedContents, { isShared = true } = {}) {
  const counts = { opened: 0, closed: 0, reads: 0, readBytes: 0 };
  const open = async (
    _client: unknown,
    path: string,
  ): Promise<(TftpFile & ThreadedFile) | TftpRefusal> => {
    const bytes = contents[path];
    if (bytes === undefined) return { kind: 'refuse', code: 1, reason: `no file ${path}` };
    counts.opened += 1;
    return {
      sizeBytes: bytes.length,
      identity: isShared ? path : undefined,
      read: async (target: Buffer, offsetBytes: number) => {
        counts.reads += 1;
        counts.readBytes += target.length;
        return bytes.copy(target, 0, offsetBytes);
      },
      parts: [{ bytes }],
      close: async () => {
        counts.closed += 1;
      },
    };
  };
  return { open, counts };
}

/** A server on a free port of the loopback; it is closed when the test has ended. */
export async function serve(
  t: ExecutionContext,
  open: OpenTftpFile,
  config: Partial<TftpServerConfig> = {},
) {
  const events: TftpTransferEvent[] = [];
  const onEvent = (event: TftpTransferEvent) => void events.push(event);
  const server = await startTftpServer(
    { log: silentLog, open, onEvent },
    { host: '127.0.0.1', port: 0, ...config },
  );
  return closing(t, server, events);
}

/** The same as the frontend runs it: in a thread of its own. */
export async function serveInThread(
  t: ExecutionContext,
  open: OpenThreadedFile,
  config: Partial<TftpServerConfig> = {},
) {
  const events: TftpTransferEvent[] = [];
  const onEvent = (event: TftpTransferEvent) => void events.push(event);
  const server = await startTftpThread(
    { log: silentLog, open, onEvent },
    { host: '127.0.0.1', port: 0, ...config },
  );
  return closing(t, server, events);
}

function closing(t: ExecutionContext, server: TftpServer, events: TftpTransferEvent[]) {
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await server.close();
    isClosed = true;
  };
  t.teardown(close);
  return {
    ...server,
    close,
    events,
    event: (): Promise<TftpTransferEvent> => until('a transfer to end', () => events.shift()),
  };
}

export function serveContents(
  t: ExecutionContext,
  contents: ServedContents,
  config: Partial<TftpServerConfig> = {},
) {
  return serveInThread(t, createDoor(contents).open, config);
}

export const someBytes = (sizeBytes: number): Buffer => randomBytes(sizeBytes);
