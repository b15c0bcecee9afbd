import { request } from 'node:http';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { controlSocketPath } from '../control-socket.ts';

const timeoutMs = 30_000;

export type Notice =
  | { readonly kind: 'told' | 'not-running' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Makes the frontend of this state folder, if one runs, take in what has changed. */
export async function notifyFrontend(state: string): Promise<Notice> {
  try {
    const status = await post(controlSocketPath(state), '/api/v1/trees/reload');
    if (status < 300) return { kind: 'told' };
    return { kind: 'failed', reason: `it answered ${status}` };
  } catch (error) {
    // ENOENT and ECONNREFUSED: none runs, or it was killed; EINVAL: no socket has so long a path.
    if (hasErrorCode(error, 'ENOENT', 'ECONNREFUSED', 'EINVAL')) return { kind: 'not-running' };
    return { kind: 'failed', reason: messageOf(error) };
  }
}

function post(socketPath: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method: 'POST', timeout: timeoutMs }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end();
  });
}
