import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { AgentError } from './errors.ts';
import type { Limits } from './limits.ts';

const pauseMs = 50;

/**
 * Listens, `addressMs` at most after the first attempt when the address is not there: Debian's
 * installer takes 127.0.0.1 from the loopback and puts it back when it sets up the network. Throws
 * AgentError `not-listening`.
 */
export async function listenPatiently(
  server: Server,
  address: { readonly host: string; readonly port: number },
  { limits, log }: { readonly limits: Pick<Limits, 'addressMs'>; readonly log: Log },
): Promise<void> {
  const deadlineMs = performance.now() + limits.addressMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(server, address);
    } catch (cause) {
      const isOver = performance.now() >= deadlineMs;
      if (isOver || !hasErrorCode(cause, 'EADDRNOTAVAIL')) throw explain(cause, address);
      if (attempt === 1) log.warn('address not there, waiting for it', address);
      await sleep(pauseMs);
    }
  }
}

function listenOnce(server: Server, address: object): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      // An accept that fails, such as for want of descriptors, ends nothing.
      server.on('error', () => {});
      resolve();
    });
  });
}

function explain(
  cause: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): AgentError {
  const got = `${messageOf(cause)}; ${adviceFor(cause)}`;
  const text = `expected to listen on ${host}:${port}, got ${got}`;
  return new AgentError('not-listening', text, { cause });
}

function adviceFor(cause: unknown): string {
  if (hasErrorCode(cause, 'EACCES')) return 'start as root, or choose a port from 1024 on';
  if (hasErrorCode(cause, 'EADDRINUSE')) return 'stop what listens there, or choose another port';
  return 'choose an address of this machine';
}
