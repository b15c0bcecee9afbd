import { addressBytes, isIpv4At, readAddress, writeAddress } from './address-bytes.ts';
import type { AnnounceRequest } from './announce-request.ts';
import type { Peer, PeerEndpoint } from './peer.ts';
import { isCompletion } from './peer.ts';
import { PeerIndex } from './peer-index.ts';
import { type Reach, reaches, reachOf } from './reach.ts';
import { RoleNames } from './role-names.ts';

export const peerIdBytes = 20;
const notTold = -1;
const completedFlag = 1;

/**
 * All peers of all swarms, a slot for each, in columns of numbers: a hundred thousand of them are
 * nothing that a garbage collector would have to look at. Memory for as many as there may be is
 * asked for at once, and taken as they come.
 */
export class PeerTable {
  readonly capacity: number;
  readonly addresses: Uint8Array;
  readonly ports: Uint16Array;
  readonly swarms: Int32Array;
  readonly racks: Int32Array;
  /** In which list of its swarm it stands: see peerKind. */
  readonly kinds: Uint8Array;
  /** Its places in the two lists that it stands in. */
  readonly places: Int32Array;
  readonly rackPlaces: Int32Array;
  readonly announcedAtMs: Float64Array;
  readonly leftBytes: Float64Array;
  readonly reportNumbers: Uint16Array;
  readonly #uploadedBytes: Float64Array;
  readonly #downloadedBytes: Float64Array;
  readonly #frontendBytes: Float64Array;
  readonly #peerIds: Buffer;
  readonly #roles: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #roleNames = new RoleNames();
  readonly #index: PeerIndex;
  readonly #free: number[] = [];
  readonly #scratch = Buffer.alloc(addressBytes + peerIdBytes);
  #used = 0;
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.addresses = new Uint8Array(capacity * addressBytes);
    this.ports = new Uint16Array(capacity);
    this.swarms = new Int32Array(capacity);
    this.racks = new Int32Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.places = new Int32Array(capacity);
    this.rackPlaces = new Int32Array(capacity);
    this.announcedAtMs = new Float64Array(capacity);
    this.leftBytes = new Float64Array(capacity);
    this.reportNumbers = new Uint16Array(capacity);
    this.#uploadedBytes = new Float64Array(capacity);
    this.#downloadedBytes = new Float64Array(capacity);
    this.#frontendBytes = new Float64Array(capacity);
    this.#peerIds = Buffer.from(new ArrayBuffer(capacity * peerIdBytes));
    this.#roles = new Uint8Array(capacity);
    this.#flags = new Uint8Array(capacity);
    this.#index = new PeerIndex(this);
  }

  get size(): number {
    return this.#used;
  }

  /** Slots from here on were never used. */
  get end(): number {
    return this.#end;
  }

  /** The slot of a peer; -1: there is none. And how many peers its machine has in that swarm. */
  find(swarm: number, { address, port }: Pick<AnnounceRequest, 'address' | 'port'>) {
    writeAddress(this.#scratch, 0, address);
    let slot = -1;
    let sameAddress = 0;
    this.#index.eachAt(swarm, this.#scratch, (each) => {
      sameAddress += 1;
      if (this.ports[each] === port) slot = each;
      return slot < 0;
    });
    return { slot, sameAddress };
  }

  /** A slot for a new peer, which is then to be noted. There has to be room. */
  add(swarm: number, { address, port }: Pick<AnnounceRequest, 'address' | 'port'>): number {
    const slot = this.#free.pop() ?? this.#end;
    this.#end = Math.max(this.#end, slot + 1);
    this.#used += 1;
    writeAddress(this.addresses, slot * addressBytes, address);
    this.ports[slot] = port;
    this.swarms[slot] = swarm;
    this.#index.add(slot);
    this.#flags[slot] = 0;
    this.reportNumbers[slot] = 0;
    return slot;
  }

  delete(slot: number): void {
    this.#index.delete(slot);
    this.swarms[slot] = 0;
    this.#free.push(slot);
    this.#used -= 1;
  }

  /** True for the session that the peer had before, not for a client that took its place. */
  isSession(slot: number, peerId: string): boolean {
    return this.sessionTest(peerId)(slot);
  }

  /** Whether a slot is of this peer id; good until the next one is asked for. */
  sessionTest(peerId: string): (slot: number) => boolean {
    const wanted = this.#scratch;
    wanted.write(peerId, addressBytes, 'hex');
    return (slot) => {
      const start = slot * peerIdBytes;
      // The end is random, the start names the client.
      for (let index = peerIdBytes - 1; index >= 0; index -= 1) {
        if (this.#peerIds[start + index] !== wanted[addressBytes + index]) return false;
      }
      return true;
    };
  }

  /** Writes what a peer says of itself. */
  note(slot: number, request: AnnounceRequest, nowMs: number): void {
    if (!this.isSession(slot, request.peerId)) {
      this.#peerIds.write(request.peerId, slot * peerIdBytes, 'hex');
      this.#flags[slot] = 0;
      this.reportNumbers[slot] = 0;
    }
    this.announcedAtMs[slot] = nowMs;
    this.leftBytes[slot] = request.leftBytes ?? notTold;
    this.#uploadedBytes[slot] = request.uploadedBytes;
    this.#downloadedBytes[slot] = request.downloadedBytes;
    this.#frontendBytes[slot] = request.frontendBytes ?? notTold;
    this.#roles[slot] = this.#roleNames.numberOf(request.role);
    if (isCompletion(request)) this.#flags[slot] = completedFlag;
  }

  /** What the totals are made of. */
  progressOf(slot: number) {
    return {
      uploadedBytes: this.#uploadedBytes[slot] ?? 0,
      downloadedBytes: this.#downloadedBytes[slot] ?? 0,
      frontendBytes: toldOrUndefined(this.#frontendBytes[slot]),
      completed: this.#flags[slot] === completedFlag,
    };
  }

  read(slot: number): Peer {
    return {
      ...this.endpointOf(slot),
      peerId: this.#peerIds.toString('hex', slot * peerIdBytes, (slot + 1) * peerIdBytes),
      ...this.progressOf(slot),
      leftBytes: toldOrUndefined(this.leftBytes[slot]),
      role: this.#roleNames.nameOf(this.#roles[slot] ?? 0),
      announcedAtMs: this.announcedAtMs[slot] ?? 0,
    };
  }

  endpointOf(slot: number): PeerEndpoint {
    const peerId = this.#peerIds.toString('hex', slot * peerIdBytes, (slot + 1) * peerIdBytes);
    const address = readAddress(this.addresses, slot * addressBytes);
    return { address, port: this.ports[slot] ?? 0, peerId };
  }

  /** Writes a peer as trackers send it, 6 (BEP 23) or 18 bytes (BEP 7); returns the new end. */
  writeCompact(slot: number, target: Buffer, offset: number): number {
    const start = slot * addressBytes;
    const from = isIpv4At(this.addresses, start) ? start + 12 : start;
    let at = offset;
    for (let each = from; each < start + addressBytes; each += 1) {
      target[at] = this.addresses[each] ?? 0;
      at += 1;
    }
    return target.writeUInt16BE(this.ports[slot] ?? 0, at);
  }

  /** In the order of their addresses. */
  compare(one: number, other: number): number {
    for (let index = 0; index < addressBytes; index += 1) {
      const at = (slot: number) => this.addresses[slot * addressBytes + index] ?? 0;
      if (at(one) !== at(other)) return at(one) - at(other);
    }
    return (this.ports[one] ?? 0) - (this.ports[other] ?? 0);
  }
}

/** From 0 to 7: who can reach it, and whether it has everything. */
export function peerKind(reach: Reach, isSeed: boolean): number {
  return reaches.indexOf(reach) * 2 + (isSeed ? 1 : 0);
}

export function kindOf({ address, leftBytes }: AnnounceRequest): number {
  return peerKind(reachOf(address), leftBytes === 0);
}

function toldOrUndefined(value: number | undefined): number | undefined {
  return value === undefined || value === notTold ? undefined : value;
}
