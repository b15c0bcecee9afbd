import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { bindUdp, closeUdp } from '../runtime/udp.ts';
import type { RefusalCounter } from './refusals.ts';
import type { UdpAnswerer } from './udp-answer.ts';

export type UdpServer = { readonly close: () => Promise<void> };

/** Answers that wait for the network; more are thrown away, as a router would. */
const maximumQueuedBytes = 1024 * 1024;

/** Binds a datagram socket (`::` is IPv4 as well) and answers what comes. Rejects as bind does. */
export async function startUdpServer(
  deps: { readonly log: Log; readonly refusals: RefusalCounter; readonly answer: UdpAnswerer },
  { host, port }: { readonly host: string; readonly port: number },
): Promise<UdpServer> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
  socket.on('message', (message, sender) => answerOne(message, sender));
  await bindUdp(socket, { host, port });
  socket.on('error', (error) => deps.log.warn('udp failed', { reason: messageOf(error) }));
  return { close: () => closeUdp(socket) };

  function answerOne(message: Buffer, sender: RemoteInfo): void {
    try {
      const reply = deps.answer(message, sender);
      if (reply === undefined || sender.port === 0) return;
      if (socket.getSendQueueSize() > maximumQueuedBytes) return deps.refusals.count('overloaded');
      socket.send(reply, sender.port, sender.address, () => {});
    } catch (error) {
      deps.log.error('udp request failed', { ip: sender.address, reason: messageOf(error) });
    }
  }
}
