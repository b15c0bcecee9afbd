import { createSocket, type Socket } from 'node:dgram';
import { BenchError } from '../support/bench-error.ts';
import type { Asker } from './asker.ts';
import { addressOf, type LoadPeer } from './machines.ts';

type Machine = { readonly socket: Socket; connectionId: Buffer };
type Waiting = { readonly done: (isAnswered: boolean) => void; readonly sentMs: number };

const connectRequest = Buffer.from('00000417271019800000000000000000', 'hex');
const actions = { connect: 0, announce: 1, error: 3 } as const;
const patienceMs = 2_000;
const openAtOnce = 500;

/** A socket for each machine, at its own address, that has got a connection id (BEP 15). */
export async function openUdpAsker(machineCount: number, port: number): Promise<Asker> {
  const waiting = new Map<number, Waiting>();
  let transaction = 0;

  const onMessage = (message: Buffer, machine: Machine) => {
    if (message.length < 8) return;
    const id = message.readUInt32BE(4);
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    const action = message.readUInt32BE(0);
    if (action === actions.connect) machine.connectionId = message.subarray(8, 16);
    one.done(action !== actions.error);
  };
  const send = (machine: Machine, message: Buffer, done: Waiting['done']) => {
    transaction = (transaction + 1) >>> 0;
    message.writeUInt32BE(transaction, 12);
    waiting.set(transaction, { done, sentMs: performance.now() });
    machine.socket.send(message, port, '127.0.0.1', () => {});
  };
  const timer = setInterval(() => {
    const beforeMs = performance.now() - patienceMs;
    for (const [id, { done, sentMs }] of waiting) {
      if (sentMs > beforeMs) break;
      waiting.delete(id);
      done(false);
    }
  }, 100);
  const connect = (machine: Machine) =>
    new Promise<boolean>((resolve) => send(machine, Buffer.from(connectRequest), resolve));

  const machines: Machine[] = [];
  for (let first = 0; first < machineCount; first += openAtOnce) {
    const count = Math.min(openAtOnce, machineCount - first);
    const part = await Promise.all(
      Array.from({ length: count }, (_, index) => openMachine(first + index, onMessage)),
    );
    for (const machine of part) {
      const isConnected = (await connect(machine)) || (await connect(machine));
      if (!isConnected) throw new BenchError('client-failed', 'expected a connection id, got none');
    }
    machines.push(...part);
  }
  return {
    ask: (peer, event, done) => {
      const machine = machines[peer.machine];
      if (machine === undefined) return done(false);
      send(machine, announceMessage(machine.connectionId, peer, event === 'started' ? 2 : 0), done);
    },
    close: () => {
      clearInterval(timer);
      for (const { socket } of machines) socket.close();
    },
  };
}

async function openMachine(
  index: number,
  onMessage: (message: Buffer, machine: Machine) => void,
): Promise<Machine> {
  const socket = createSocket('udp4');
  const machine = { socket, connectionId: Buffer.alloc(8) };
  socket.on('message', (message) => onMessage(message, machine));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, addressOf(index), resolve);
  });
  return machine;
}

function announceMessage(connectionId: Buffer, peer: LoadPeer, event: number): Buffer {
  const message = Buffer.alloc(98);
  connectionId.copy(message, 0);
  message.writeUInt32BE(actions.announce, 8);
  peer.infohash.copy(message, 16);
  peer.peerId.copy(message, 36);
  message.writeBigUInt64BE(BigInt(peer.leftBytes), 64);
  message.writeUInt32BE(event, 80);
  message.writeInt32BE(50, 92);
  message.writeUInt16BE(peer.port, 96);
  return message;
}
