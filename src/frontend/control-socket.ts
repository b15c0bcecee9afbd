import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { FrontendError } from './errors.ts';
import { createHttpServer, type HttpHandler, type HttpServer } from './http/server.ts';

// The system's limit for a socket's path (sun_path), without the NUL behind it.
const longestPathBytes = 107;

/** The socket by which commands on this machine reach the frontend of a state folder. */
export function controlSocketPath(stateFolder: string): string {
  return join(stateFolder, 'scree.sock');
}

/**
 * Serves HTTP on the state folder's control socket, for its owner only. One left behind by a
 * killed frontend is replaced. Throws FrontendError `state-in-use` when another frontend answers
 * on it, `bad-state` when the folder cannot hold one.
 */
export async function openControlSocket(
  deps: { readonly log: Log; readonly handle: HttpHandler },
  stateFolder: string,
): Promise<HttpServer> {
  const path = controlSocketPath(stateFolder);
  checkLength(path);
  try {
    await mkdir(stateFolder, { recursive: true });
    if (await answers(path)) throw inUse(stateFolder);
    return await listen(deps, path);
  } catch (cause) {
    throw cause instanceof FrontendError ? cause : badState(stateFolder, cause);
  }
}

async function listen(
  deps: { readonly log: Log; readonly handle: HttpHandler },
  path: string,
): Promise<HttpServer> {
  // Under another name first, so that there is never a moment with two, or with none that answers.
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const server = await createHttpServer(deps, { path: temporary });
  await chmod(temporary, 0o600);
  const { ino } = await stat(temporary);
  await rename(temporary, path);
  return { port: undefined, close: () => close(server, path, ino) };
}

async function close(server: HttpServer, path: string, ino: number): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.ino === ino) await rm(path, { force: true });
  await server.close();
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => {
      if (hasErrorCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) resolve(false);
      else reject(error);
    });
  });
}

function checkLength(path: string): void {
  const length = Buffer.byteLength(`${path}.${process.pid}`);
  if (length <= longestPathBytes) return;
  throw new FrontendError(
    'bad-state',
    `state: expected a folder whose control socket '${path}' has a path of at most ` +
      `${longestPathBytes - 9} bytes, got ${Buffer.byteLength(path)}; choose a shorter one`,
  );
}

function inUse(stateFolder: string): FrontendError {
  return new FrontendError(
    'state-in-use',
    `state: expected no other frontend on '${stateFolder}', found one that answers; stop it, or ` +
      `choose another state folder`,
  );
}

function badState(stateFolder: string, cause: unknown): FrontendError {
  return new FrontendError(
    'bad-state',
    `state: expected a folder '${stateFolder}' that this user can write to, got: ` +
      `${messageOf(cause)}; start as its owner, or choose another folder`,
    { cause },
  );
}
