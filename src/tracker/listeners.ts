import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { formatEndpoint } from './address.ts';
import { TrackerError } from './errors.ts';
import { startTrackerHttpServer } from './http-server.ts';
import type { RefusalCounter } from './refusals.ts';
import type { Tracker } from './types.ts';
import type { UdpAnswerer } from './udp-answer.ts';
import { startUdpServer } from './udp-server.ts';

export type Listeners = { readonly port: number; readonly close: () => Promise<void> };

type Listen = { readonly host: string; readonly port: number };
type Parts = {
  readonly log: Log;
  readonly nowMs: () => number;
  readonly refusals: RefusalCounter;
  readonly tracker: Tracker;
  readonly answerUdp: UdpAnswerer;
};

/** A free TCP port may be taken for UDP. */
const triesForAnyPort = 10;

/** HTTP and UDP on one port. Throws TrackerError `cannot-listen`. */
export async function startListeners(parts: Parts, listen: Listen): Promise<Listeners> {
  let triesLeft = listen.port === 0 ? triesForAnyPort : 1;
  for (;;) {
    triesLeft -= 1;
    try {
      return await startPair(parts, listen);
    } catch (cause) {
      if (triesLeft === 0 || !hasErrorCode(cause, 'EADDRINUSE')) throw cannotListen(listen, cause);
    }
  }
}

async function startPair(parts: Parts, listen: Listen): Promise<Listeners> {
  const { log, nowMs, refusals, tracker, answerUdp } = parts;
  const http = await startTrackerHttpServer({ log, nowMs, ...tracker }, listen);
  try {
    const udpDeps = { log, refusals, answer: answerUdp };
    const udp = await startUdpServer(udpDeps, http);
    return {
      port: http.port,
      close: async () => {
        await Promise.all([http.close(), udp.close()]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}

function cannotListen({ host, port }: Listen, cause: unknown): TrackerError {
  return new TrackerError(
    'cannot-listen',
    `expected to listen on ${formatEndpoint(host, port)} (TCP and UDP), got ${messageOf(cause)}; ` +
      'is another tracker running, and is the address one of this machine?',
    { cause },
  );
}
