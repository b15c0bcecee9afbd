import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { formatAddress, parseAddress } from '../../../protocol/dhcp/address.ts';
import { encodeMagicPacket, wakeOnLanPort } from '../../../protocol/wake-on-lan.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { bindUdp, closeUdp } from '../../../runtime/udp.ts';
import { PowerError } from '../errors.ts';
import type { PowerMethod } from './types.ts';

/** Nobody says that it has come. */
const timesSent = 3;

export type WakeOnLanConfig = {
  readonly interfaceName: string;
  readonly interfaces?: typeof networkInterfaces;
  readonly port?: number;
};

/** Switches on machines that are off; those that run stay as they are. */
export function wakeOnLanMethod({
  interfaceName,
  interfaces = networkInterfaces,
  port = wakeOnLanPort,
}: WakeOnLanConfig): PowerMethod {
  const found = interfaces()[interfaceName]?.find(({ family }) => family === 'IPv4');
  const broadcast = found && broadcastOf(found.address, found.netmask);
  return {
    problems: () => {
      if (broadcast !== undefined) return [];
      const got = interfaceName === '' ? '' : ` (it is '${interfaceName}')`;
      return [`'dhcp.interface' to be an interface with an IPv4 address${got}`];
    },
    describe: ({ mac }) => `wake ${mac} by a packet to ${broadcast}, port ${port}`,
    cycle: async ({ mac }) => {
      try {
        await sendBroadcast(
          { host: found?.address ?? '', broadcast, port },
          encodeMagicPacket(mac),
        );
      } catch (cause) {
        const message = `expected to send a packet on ${interfaceName}, got: ${messageOf(cause)}`;
        throw new PowerError('not-switched', message, { cause });
      }
    },
  };
}

type Way = { readonly host: string; readonly broadcast: string | undefined; readonly port: number };

async function sendBroadcast({ host, broadcast, port }: Way, packet: Buffer): Promise<void> {
  const socket = createSocket('udp4');
  await bindUdp(socket, { host, port: 0 });
  try {
    socket.setBroadcast(true);
    for (let count = 0; count < timesSent; count += 1) {
      await new Promise<void>((resolve, reject) => {
        socket.send(packet, port, broadcast, (error) => (error ? reject(error) : resolve()));
      });
    }
  } finally {
    await closeUdp(socket);
  }
}

function broadcastOf(address: string, netmask: string): string | undefined {
  const [host, mask] = [parseAddress(address), parseAddress(netmask)];
  if (host === undefined || mask === undefined) return undefined;
  const size = 2 ** 32 - mask;
  return formatAddress(host - (host % size) + size - 1);
}
