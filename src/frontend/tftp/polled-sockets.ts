import { isIPv6 } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createUdpPoll } from '../../runtime/udp-poll.ts';
import { type OpenTransferSocket, openTransferSocket } from './transfer-socket.ts';

/** How late timers and requests for further files may be. */
const longestWaitMs = 1;
const longestTurnMs = 0.5;

export type PolledSockets = {
  readonly open: OpenTransferSocket;
  /** When all sockets are closed. */
  readonly close: () => void;
};

/**
 * Transfer sockets that the thread waits for itself as long as there are any: for a thread that does
 * nothing but transfers. `isAnswerNear`: something else is about to come, which must not be late.
 */
export function createPolledSockets(isAnswerNear: () => boolean): PolledSockets {
  const poll = createUdpPoll();
  let isTurning = false;
  const turn = (): void => {
    const endMs = performance.now() + longestTurnMs;
    let isBusy = true;
    while (isBusy && poll.socketCount() > 0) {
      isBusy = poll.wait(isAnswerNear() ? 0 : longestWaitMs) && performance.now() < endMs;
    }
    isTurning = poll.socketCount() > 0;
    // To go through the event loop costs as much as a block does.
    if (isTurning) setImmediate(turn);
  };
  const open: OpenTransferSocket = async (ends, { onMessage, onError }) => {
    if (isIPv6(ends.localAddress)) return openTransferSocket(ends, { onMessage, onError });
    const onRefused = () => onError(refused());
    const { send, close } = poll.open(ends, { onMessage, onRefused });
    if (!isTurning) setImmediate(turn);
    isTurning = true;
    return { send, sendWatched: send, close };
  };
  return { open, close: poll.close };
}

function refused(): Error {
  const text = 'expected the client to listen, its port is closed';
  return Object.assign(new Error(text), { code: 'ECONNREFUSED' });
}
