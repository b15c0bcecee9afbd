/**
 * Many machines on one wire that are switched on together: `dhcp-power-on.ts INTERFACE COUNT`. Each
 * asks until it is bound, by broadcast. Prints `{"boundCount", "addressCount", "elapsedMs"}`.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  dhcpOptions,
  encodeAddress,
  encodeUint8,
  messageTypes,
  readAddress,
  readUint8,
} from '../../src/protocol/dhcp/options.ts';
import { decodeDhcp, encodeDhcp } from '../../src/protocol/dhcp/packet.ts';
import { openInterfaceSocket } from '../../src/runtime/interface-socket.ts';

const [interfaceName = '', countText = ''] = process.argv.slice(2);
const none = '0.0.0.0';
const switchedOnMs = 1_000;
/** As firmware has it: after one second, then two, four and eight. */
const pauses = [1_000, 2_000, 4_000, 8_000];

const at = await openInterfaceSocket({ interfaceName, port: 68 });
at.socket.setRecvBufferSize(4 * 1024 * 1024);
const waiting = new Map<number, (bytes: Buffer) => void>();
at.socket.on('message', (bytes) => waiting.get(bytes.readUInt32BE(4))?.(bytes));

const count = Number(countText);
const startMs = performance.now();
const bound = await Promise.all(Array.from({ length: count }, (_, index) => machine(index)));
const addresses = bound.filter((address) => address !== undefined);
const figures = {
  boundCount: addresses.length,
  addressCount: new Set(addresses).size,
  elapsedMs: Math.round(performance.now() - startMs),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
await at.close();

async function machine(index: number): Promise<string | undefined> {
  await delay((index / count) * switchedOnMs);
  const mac = `52:54:00:77:${hex(index >> 8)}:${hex(index & 0xff)}`;
  for (const pauseMs of pauses) {
    const offer = await ask(mac, messageTypes.discover, [], pauseMs);
    if (offer === undefined) continue;
    const server = readAddress(offer.options, dhcpOptions.serverId) ?? none;
    const chosen = [
      [dhcpOptions.requestedAddress, encodeAddress(offer.yiaddr)],
      [dhcpOptions.serverId, encodeAddress(server)],
    ] as const;
    const answer = await ask(mac, messageTypes.request, chosen, pauseMs);
    const type = answer && readUint8(answer.options, dhcpOptions.messageType);
    if (type === messageTypes.ack) return answer?.yiaddr;
  }
  return undefined;
}

async function ask(
  mac: string,
  type: number,
  options: readonly (readonly [number, Buffer])[],
  pauseMs: number,
) {
  const xid = randomInt(2 ** 32);
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  waiting.set(xid, resolve);
  const addresses = { ciaddr: none, yiaddr: none, siaddr: none, giaddr: none };
  const empty = { hops: 0, secs: 0, sname: '', file: '' };
  const all = new Map([[dhcpOptions.messageType, encodeUint8(type)] as const, ...options]);
  const packet = { op: 'request', hardwareType: 1, broadcast: true, options: all } as const;
  const bytes = encodeDhcp({ ...packet, ...addresses, ...empty, xid, mac });
  at.socket.send(bytes, 67, '255.255.255.255');
  const timer = setTimeout(() => resolve(undefined), pauseMs);
  const reply = await promise;
  clearTimeout(timer);
  waiting.delete(xid);
  return reply && decodeDhcp(reply);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
