import { decodeDhcp, encodeDhcp } from '../../src/protocol/dhcp/packet.ts';
import { openInterfaceSocket } from '../../src/runtime/interface-socket.ts';

/** What a machine asks, as JSON. */
export type Question = {
  readonly mac: string;
  /** By code, in hex. */
  readonly options: Readonly<Record<number, string>>;
  /** By way of a relay agent with this address. */
  readonly relay?: string;
  /** Nothing is expected, and not waited for long. */
  readonly isVain?: boolean;
};

export type Offer = {
  readonly address: string;
  readonly nextServer: string;
  /** Of the fixed field, or option 67. */
  readonly filename: string;
  /** By code, in hex; without those that say when and by whom. */
  readonly options: Readonly<Record<string, string>>;
};

/** Asks a DHCP server on eth0 one question after the other; prints a line of JSON: the offers. */
async function main(server: string, questions: readonly Question[]): Promise<void> {
  const offers: (Offer | null)[] = [];
  for (const question of questions) offers.push(await ask(server, question));
  process.stdout.write(`${JSON.stringify(offers)}\n`);
}

const none = '0.0.0.0';
// Both address and size, boot file and times: each server has its own way with them.
const unasked = new Set([51, 53, 54, 58, 59, 66, 67]);

async function ask(server: string, question: Question): Promise<Offer | null> {
  const { relay } = question;
  const port = relay === undefined ? 68 : 67;
  const { socket, close } = await openInterfaceSocket({ interfaceName: 'eth0', port });
  const xid = Math.floor(Math.random() * 0xffff_ffff);
  const packet = encodeDhcp(discover(question, xid));
  const send = () => socket.send(packet, 67, relay === undefined ? '255.255.255.255' : server);
  // A server that has just been started may not hear yet.
  const again = setInterval(send, 1_000);
  send();
  const offer = await new Promise<Offer | null>((resolve) => {
    const patience = setTimeout(() => resolve(null), question.isVain ? 2_500 : 15_000);
    socket.on('message', (bytes) => {
      const heard = readOffer(bytes, xid);
      if (heard === undefined) return;
      clearTimeout(patience);
      resolve(heard);
    });
  });
  clearInterval(again);
  await close();
  return offer;
}

function discover({ mac, options, relay = none }: Question, xid: number) {
  const given = Object.entries(options).map(
    ([code, hex]) => [Number(code), Buffer.from(hex, 'hex')] as const,
  );
  return {
    ...({ op: 'request', hardwareType: 1, hops: 0, xid, secs: 0, broadcast: true } as const),
    ...{ ciaddr: none, yiaddr: none, siaddr: none, giaddr: relay, mac, sname: '', file: '' },
    options: new Map([[53, Buffer.from([1])] as const, ...given]),
  };
}

function readOffer(bytes: Buffer, xid: number): Offer | undefined {
  const packet = decodeDhcp(bytes);
  if (packet.xid !== xid || packet.op !== 'reply') return undefined;
  const { yiaddr, siaddr, file, options } = packet;
  const told = [...options].filter(([code]) => !unasked.has(code));
  return {
    address: yiaddr,
    nextServer: siaddr,
    // Some end it with a zero.
    filename: (file || (options.get(67)?.toString() ?? '')).replace(/\0+$/, ''),
    options: Object.fromEntries(told.map(([code, value]) => [code, value.toString('hex')])),
  };
}

await main(process.argv[2] ?? '', JSON.parse(process.argv[3] ?? '[]'));
