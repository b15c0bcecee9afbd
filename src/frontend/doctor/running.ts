import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { controlSocketPath } from '../control-socket.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Whether a frontend works on the state folder. */
export type Running =
  | { readonly kind: 'none' }
  /** The process id, where it can be told. */
  | { readonly kind: 'running'; readonly pid: number | undefined }
  | { readonly kind: 'unknown'; readonly reason: string };

export async function lookForFrontend(state: string): Promise<Running> {
  const path = controlSocketPath(state);
  try {
    await connect(path);
    return { kind: 'running', pid: await pidBehind(path) };
  } catch (error) {
    // Nobody there; left behind; no socket; a path that is too long for one.
    const none = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EINVAL', 'ENOTDIR'];
    if (hasErrorCode(error, ...none)) return { kind: 'none' };
    return { kind: 'unknown', reason: messageOf(error) };
  }
}

export function checkRunning(running: Running): Finding {
  switch (running.kind) {
    case 'none':
      return ok('frontend', 'none runs on this state folder');
    case 'running':
      return ok('frontend', `runs${running.pid === undefined ? '' : ` (process ${running.pid})`}`);
    case 'unknown': {
      const text = `it cannot be told whether one runs: ${running.reason}`;
      return warning('frontend', text, 'run doctor as the owner of the state folder, or as root');
    }
  }
}

function connect(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}

/** The frontend opens its socket under a name that ends with its process id, and moves it then. */
async function pidBehind(path: string): Promise<number | undefined> {
  const sockets = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  for (const line of sockets.split('\n')) {
    const at = line.indexOf(`${path}.`);
    const pid = at === -1 ? '' : line.slice(at + path.length + 1);
    if (/^[1-9]\d*$/.test(pid)) return Number(pid);
  }
  return undefined;
}
