import type { PeerAddress } from '../../swarm/ask-trackers.ts';
import { type Caller, HandshakeError } from '../../swarm/handshakes.ts';
import type { PeerConnection } from '../../swarm/peer-connection.ts';
import type { Traffic } from './traffic.ts';
import type { VirtualTime } from './virtual-time.ts';
import { connectWires, type Place, type VirtualWire } from './virtual-wire.ts';

/** Who takes calls. */
export type Listener = {
  readonly place: Place;
  readonly peerId: Buffer;
  /** False: it does not want the connection. */
  readonly accept: (connection: PeerConnection) => boolean;
};

export type Network = {
  readonly time: VirtualTime;
  readonly traffic: Traffic;
  readonly listen: (listener: Listener) => void;
  /** Nobody takes calls there any more. */
  readonly hangUp: (ip: string) => void;
  readonly call: (from: Place, to: PeerAddress, own: Caller) => Promise<PeerConnection>;
};

export const swarmPort = 6881;
const firstCallerPort = 32_768;
const callerPorts = 28_000;

/** Calls between modelled machines: TCP's handshake, then the protocol's, each a round trip. */
export function createNetwork(time: VirtualTime, traffic: Traffic): Network {
  const listeners = new Map<string, Listener>();
  let calls = 0;
  return {
    time,
    traffic,
    listen: (listener) => void listeners.set(listener.place.machine.ip, listener),
    hangUp: (ip) => void listeners.delete(ip),
    call: (from, to, own) =>
      new Promise((resolve, reject) => {
        const { latencyMs, ip } = from.machine;
        const callee = listeners.get(to.host);
        if (callee === undefined) {
          const refuse = () => reject(new HandshakeError('unreachable', 'nobody listens there'));
          time.after(2 * latencyMs, () => settle(time, refuse));
          return;
        }
        const [near, far] = connectWires(traffic, from, callee.place);
        calls += 1;
        const port = firstCallerPort + (calls % callerPorts);
        const facts = { infohash: own.infohash, fast: true, extended: true };
        const callerSide = { ...facts, peerId: own.peerId };
        const calleeSide = { ...facts, peerId: callee.peerId };
        time.after(3 * latencyMs, () => {
          time.unsettle();
          const call = connectionOf(far, callerSide, { address: `${ip}:${port}`, outgoing: false });
          const isThere = listeners.get(to.host) === callee;
          if (!isThere || !callee.accept(call)) far.close(undefined);
        });
        const answered = { address: `${to.host}:${to.port}`, outgoing: true };
        time.after(4 * latencyMs, () =>
          settle(time, () => resolve(connectionOf(near, calleeSide, answered))),
        );
      }),
  };
}

function settle(time: VirtualTime, run: () => void): void {
  time.unsettle();
  run();
}

function connectionOf(
  wire: VirtualWire,
  handshake: PeerConnection['handshake'],
  facts: Pick<PeerConnection, 'address' | 'outgoing'>,
): PeerConnection {
  return {
    ...facts,
    handshake,
    open: (listener, maximumMessageBytes) => wire.listen(listener, maximumMessageBytes),
    discard: () => wire.close(undefined),
  };
}
