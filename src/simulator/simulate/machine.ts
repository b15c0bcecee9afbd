import { Channel, Port } from './channel.ts';
import { Link } from './link.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The two directions of what joins a rack to the others. */
export type Trunk = { readonly up: Link; readonly down: Link };

export type MachineSettings = {
  readonly ip: string;
  readonly bytesPerSecond: number;
  /** Undefined: not in a rack, but where the racks meet. */
  readonly rack: Trunk | undefined;
  /** By what the model's rates are smaller than the real ones. */
  readonly scale: number;
  /** From here to another machine. */
  readonly latencyMs: number;
};

/** How much stands before a port of a switch at most. */
const switchQueueBytes = 512 * 1024;
/** And before a machine's own: its kernel lets every connection put little there (small queues). */
const ownQueueBytes = 64 * 1024;

/** A machine on the network: a port each way, in a rack. */
export class Machine {
  readonly ip: string;
  readonly time: VirtualTime;
  readonly port: Port;
  readonly rack: Trunk | undefined;
  readonly down: Link;
  readonly latencyMs: number;

  constructor(time: VirtualTime, settings: MachineSettings) {
    const { ip, bytesPerSecond, rack, latencyMs, scale } = settings;
    this.ip = ip;
    this.time = time;
    this.port = new Port(new Link(bytesPerSecond / scale, ownQueueBytes / scale), time);
    this.down = new Link(bytesPerSecond / scale, switchQueueBytes / scale);
    this.rack = rack;
    this.latencyMs = latencyMs;
  }

  channelTo(other: Machine, onSent: () => void): Channel {
    const trunks =
      this.rack === other.rack
        ? []
        : [this.rack?.up, other.rack?.down].filter((l) => l !== undefined);
    const to = { path: [...trunks, other.down], latencyMs: this.latencyMs };
    return new Channel({ port: this.port, time: this.time }, to, onSent);
  }
}

export function createTrunk(bytesPerSecond: number, scale: number): Trunk {
  return {
    up: new Link(bytesPerSecond / scale, switchQueueBytes / scale),
    down: new Link(bytesPerSecond / scale, switchQueueBytes / scale),
  };
}
