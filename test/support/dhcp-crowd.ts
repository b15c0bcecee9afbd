/**
 * A relay agent with many machines behind it, in one socket: `dhcp-crowd.ts PLAN` with a plan as
 * JSON. Each machine asks until it is bound, then does what the plan says. What is acknowledged is
 * added to a file at once, a line `MAC ADDRESS` each; at the end the number bound is printed.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { openSync, writeSync } from 'node:fs';
import {
  dhcpOptions,
  encodeAddress,
  encodeUint8,
  messageTypes,
  readAddress,
  readUint8,
} from '../../src/protocol/dhcp/options.ts';
import { type DhcpPacket, decodeDhcp, encodeDhcp } from '../../src/protocol/dhcp/packet.ts';
import { type CrowdPlan, macOf } from './dhcp-crowd-plan.ts';

type Values = Partial<Pick<DhcpPacket, 'ciaddr'>> & {
  readonly type: keyof typeof messageTypes;
  readonly address?: string | undefined;
  readonly server?: string | undefined;
};

const none = '0.0.0.0';
const answerLimitMs = 300;

await play(JSON.parse(process.argv[2] ?? ''));

async function play(plan: CrowdPlan): Promise<void> {
  const { socket, ask, tell } = await openRelay(plan);
  const file = openSync(plan.path, 'a');
  let next = plan.first;
  let boundCount = 0;
  const machine = async (): Promise<void> => {
    while (next < plan.first + plan.count) {
      const mac = macOf(next++);
      const address = await bind(mac);
      if (address !== undefined) boundCount += 1;
    }
  };
  await Promise.all(Array.from({ length: plan.atOnce }, machine));
  socket.close();
  process.stdout.write(`bound ${boundCount}\n`);

  async function bind(mac: string): Promise<string | undefined> {
    const untilMs = performance.now() + plan.patienceMs;
    while (performance.now() < untilMs) {
      const offer = await ask(mac, { type: 'discover' });
      if (offer === undefined) continue;
      const server = readAddress(offer.options, dhcpOptions.serverId);
      const values = { type: 'request', address: offer.yiaddr, server } as const;
      if (!keep(mac, await ask(mac, values))) continue;
      for (let turn = 0; turn < plan.renewals; turn += 1) {
        keep(mac, await ask(mac, { type: 'request', ciaddr: offer.yiaddr }));
      }
      if (plan.release) tell(mac, { type: 'release', ciaddr: offer.yiaddr, server });
      return offer.yiaddr;
    }
    return undefined;
  }

  function keep(mac: string, reply: DhcpPacket | undefined): boolean {
    const type = reply && readUint8(reply.options, dhcpOptions.messageType);
    if (type !== messageTypes.ack) return false;
    writeSync(file, `${mac} ${reply?.yiaddr}\n`);
    return true;
  }
}

/** Both ends of the relay: what it says for its machines, and what it hears for them. */
async function openRelay({ relay, server }: CrowdPlan) {
  const waiting = new Map<number, (reply: DhcpPacket) => void>();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  // The server may be away: it has been killed.
  socket.on('error', () => {});
  socket.on('message', (bytes) => {
    const reply = decodeDhcp(bytes);
    waiting.get(reply.xid)?.(reply);
  });
  socket.bind(67, relay);
  await once(socket, 'listening');
  let xid = process.pid << 16;
  const tell = (mac: string, values: Values): number => {
    xid = (xid + 1) >>> 0;
    socket.send(encodeDhcp(packetOf(mac, { xid, giaddr: relay }, values)), 67, server, () => {});
    return xid;
  };
  const ask = async (mac: string, values: Values): Promise<DhcpPacket | undefined> => {
    const { promise, resolve } = Promise.withResolvers<DhcpPacket | undefined>();
    const own = tell(mac, values);
    const timer = setTimeout(() => resolve(undefined), answerLimitMs);
    waiting.set(own, resolve);
    const reply = await promise;
    clearTimeout(timer);
    waiting.delete(own);
    return reply;
  };
  return { socket, ask, tell };
}

function packetOf(
  mac: string,
  ids: Pick<DhcpPacket, 'xid' | 'giaddr'>,
  { type, ciaddr = none, address, server }: Values,
): DhcpPacket {
  const options = new Map<number, Buffer>();
  options.set(dhcpOptions.messageType, encodeUint8(messageTypes[type]));
  if (address !== undefined) options.set(dhcpOptions.requestedAddress, encodeAddress(address));
  if (server !== undefined) options.set(dhcpOptions.serverId, encodeAddress(server));
  const empty = { yiaddr: none, siaddr: none, sname: '', file: '', secs: 0, broadcast: false };
  return { op: 'request', hardwareType: 1, hops: 1, ...ids, ...empty, ciaddr, mac, options };
}
