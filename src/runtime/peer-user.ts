import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import { libc } from './libc.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const credentialsBytes = 12;
const userIdAt = 4;

/**
 * The name of the user whose process has opened the other end of a unix socket (unix(7),
 * SO_PEERCRED), or `uid 1234` for one without a name; undefined where the system does not tell.
 */
export function peerUser(socket: Socket): string | undefined {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) return undefined;
  try {
    const credentials = Buffer.alloc(credentialsBytes);
    const length = Buffer.alloc(4);
    length.writeInt32LE(credentialsBytes);
    const { getsockopt } = libc();
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0)
      return undefined;
    return userName(credentials.readUInt32LE(userIdAt));
  } catch {
    // Another C library, or none at all.
    return undefined;
  }
}

function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

function userName(userId: number): string {
  if (userId === process.getuid?.()) return userInfo().username;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.split(':')[2] === String(userId));
  return line?.split(':')[0] ?? `uid ${userId}`;
}
