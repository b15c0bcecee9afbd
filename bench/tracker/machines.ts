import { createHash } from 'node:crypto';
import type { Scenario } from './figures.ts';

/** A peer of one swarm, at an address of its own of 127.0.0.0/8. */
export type LoadPeer = {
  readonly machine: number;
  readonly address: string;
  readonly port: number;
  readonly infohash: Buffer;
  readonly peerId: Buffer;
  readonly leftBytes: number;
};

export const peerPort = 6881;
const machinesPerRack = 40;
/** One in five has everything. */
const seedEvery = 5;

export function infohashesOf({ swarms }: Scenario): readonly string[] {
  return Array.from({ length: swarms }, (_, index) =>
    createHash('sha1').update(`swarm ${index}`).digest('hex'),
  );
}

/** Forty machines share a network of 256 addresses, as a rack would. */
export function addressOf(machine: number): string {
  const rack = Math.floor(machine / machinesPerRack);
  return `127.${1 + (rack >>> 8)}.${rack & 0xff}.${1 + (machine % machinesPerRack)}`;
}

export function peersOf(scenario: Scenario): readonly LoadPeer[] {
  const infohashes = infohashesOf(scenario).map((each) => Buffer.from(each, 'hex'));
  const { addresses, swarmsEach } = scenario;
  return Array.from({ length: addresses * swarmsEach }, (_, index) => {
    const machine = index % addresses;
    const round = Math.floor(index / addresses);
    const swarm = (machine * swarmsEach + round) % infohashes.length;
    return {
      machine,
      address: addressOf(machine),
      port: peerPort,
      infohash: infohashes[swarm] ?? Buffer.alloc(20),
      peerId: peerIdOf(machine),
      leftBytes: index % seedEvery === 0 ? 0 : 1_000_000 + machine,
    };
  });
}

function peerIdOf(machine: number): Buffer {
  return Buffer.from(`-SC0100-${String(machine).padStart(12, '0')}`, 'latin1');
}
