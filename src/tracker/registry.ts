import type { Log } from '../runtime/log.ts';
import { Accounts } from './accounts.ts';
import { AddressPace, type PaceLimits } from './address-pace.ts';
import {
  type AnnounceOutcome,
  refuseFull,
  refuseTooOften,
  refuseUnknown,
  type ScrapeEntry,
} from './announce-outcome.ts';
import type { AnnounceRequest } from './announce-request.ts';
import type { Flows } from './flows.ts';
import { HandedPeers } from './handed-peers.ts';
import type { OffenderList } from './offender-list.ts';
import { OwnSeeds } from './own-seeds.ts';
import { isCompletion } from './peer.ts';
import { kindOf, PeerTable } from './peer-table.ts';
import type { Places } from './places.ts';
import { Swarm, type SwarmLimits } from './swarm.ts';
import { SwarmTotals } from './transfer-totals.ts';
import type { TrackerCatalog } from './types.ts';

export type RegistryDeps = {
  readonly log: Log;
  readonly catalog: TrackerCatalog;
  readonly places: Places;
  readonly nowMs: () => number;
  readonly random: () => number;
};

export type RegistryConfig = SwarmLimits & {
  /** In all swarms together; 110 bytes each, and up to 120 more in lists of their racks. */
  readonly peers: number;
  /** Torrents whose figures are kept after their last peer has left. */
  readonly pastSwarms: number;
  /** A peer that has been silent for longer is gone. */
  readonly silenceMs: number;
  /** Announces of one machine; farewells are free. */
  readonly pace: PaceLimits;
};

export const defaultLimits = {
  peersPerSwarm: 20_000,
  peersPerAddress: 256,
  peers: 200_000,
  pastSwarms: 1_000,
  // A machine that hosts a hundred others, each in all trees, is far below.
  pace: { burst: 8_192, perSecond: 256, addresses: 65_536 },
} as const;

/** All swarms: what an announce or a scrape does, whichever way it came. */
export class Registry {
  readonly ownSeeds = new OwnSeeds();
  readonly table: PeerTable;
  readonly #accounts: Accounts;
  readonly #pace: AddressPace;
  readonly #deps: RegistryDeps;
  readonly #config: RegistryConfig;
  readonly #swarms = new Map<string, Swarm>();
  /** By the numbers that the table has. */
  readonly #byNumber = new Map<number, { readonly infohash: string; readonly swarm: Swarm }>();
  /** Oldest first. */
  readonly #past = new Map<string, SwarmTotals>();
  #lastNumber = 0;
  #sweptTo = 0;

  constructor(deps: RegistryDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.table = new PeerTable(config.peers);
    this.#pace = new AddressPace(config.pace);
    this.#accounts = new Accounts({ ...deps, table: this.table });
  }

  /** Those that have peers. */
  get swarms(): ReadonlyMap<string, Swarm> {
    return this.#swarms;
  }

  /** Who feeds whom, and who was dropped. */
  get flows(): Flows {
    return this.#accounts.flows;
  }

  get offenders(): OffenderList {
    return this.#accounts.offenders;
  }

  /** Torrents with figures or own seeds but, maybe, without peers. */
  knownInfohashes(): ReadonlySet<string> {
    return new Set([...this.#swarms.keys(), ...this.#past.keys(), ...this.ownSeeds.infohashes()]);
  }

  totalsOf(infohash: string): SwarmTotals {
    return this.#swarms.get(infohash)?.totals ?? this.#past.get(infohash) ?? new SwarmTotals();
  }

  /** Own seeds included. */
  countsOf(infohash: string): Omit<ScrapeEntry, 'infohash'> {
    const swarm = this.#swarms.get(infohash);
    const seeds = (swarm?.seedCount ?? 0) + this.ownSeeds.count(infohash);
    const { completed } = this.totalsOf(infohash);
    return { seeds, leechers: swarm?.leecherCount ?? 0, completed };
  }

  announce(request: AnnounceRequest): AnnounceOutcome {
    const { infohash, address, event } = request;
    if (!this.#deps.catalog.has(infohash)) return refuseUnknown(infohash);
    if (event !== 'stopped' && !this.#pace.take(address, this.#deps.nowMs())) {
      return refuseTooOften(this.#config.pace.perSecond);
    }
    const swarm = this.#swarms.get(infohash) ?? this.#open(infohash);
    const { slot, sameAddress } = this.table.find(swarm.number, request);
    if (slot < 0 && event !== 'stopped' && !this.#hasRoom(swarm, sameAddress)) return refuseFull();
    swarm.rate.add(this.#deps.nowMs());
    if (event === 'stopped') {
      this.#farewell(swarm, slot, request);
      return this.#accept(infohash, new HandedPeers(this.table, [], []));
    }
    const place = this.#note(swarm, slot, request);
    return this.#accept(infohash, this.#choosePeers(swarm, request, place), place.rack);
  }

  /** Zeros for a torrent that does not exist (BEP 48). */
  scrape(infohashes: readonly string[]): readonly ScrapeEntry[] {
    return infohashes.map((infohash) => ({ infohash, ...this.countsOf(infohash) }));
  }

  /**
   * Takes out peers that have been silent, swarms that are empty, torrents no longer offered: all
   * of them, or a few of many. True when it has been through all.
   */
  sweep(limits: { readonly slots: number; readonly removals: number } = noLimits): boolean {
    const beforeMs = this.#deps.nowMs() - this.#config.silenceMs;
    const { announcedAtMs, swarms, end } = this.table;
    const stop = Math.min(end, this.#sweptTo + limits.slots);
    let removals = 0;
    for (; this.#sweptTo < stop && removals < limits.removals; this.#sweptTo += 1) {
      const slot = this.#sweptTo;
      if (swarms[slot] === 0 || (announcedAtMs[slot] ?? 0) >= beforeMs) continue;
      this.#remove(slot);
      removals += 1;
    }
    if (this.#sweptTo < end) return false;
    this.#sweptTo = 0;
    for (const infohash of [...this.#swarms.keys(), ...this.#past.keys()]) {
      if (!this.#deps.catalog.has(infohash)) this.#forget(infohash);
    }
    return true;
  }

  remove(infohash: string): void {
    this.#forget(infohash);
    this.ownSeeds.remove(infohash);
  }

  #forget(infohash: string): void {
    const swarm = this.#swarms.get(infohash);
    for (const slot of swarm?.slots() ?? []) this.table.delete(slot);
    if (swarm !== undefined) this.#byNumber.delete(swarm.number);
    this.#swarms.delete(infohash);
    this.#past.delete(infohash);
  }

  /** A swarm that is not on the list before it has a peer. */
  #open(infohash: string): Swarm {
    return new Swarm(this.table, this.#lastNumber + 1, this.totalsOf(infohash));
  }

  #hasRoom(swarm: Swarm, sameAddress: number): boolean {
    const { peersPerSwarm, peersPerAddress } = this.#config;
    if (this.table.size >= this.table.capacity) return false;
    return swarm.size < peersPerSwarm && sameAddress < peersPerAddress;
  }

  #note(swarm: Swarm, known: number, request: AnnounceRequest) {
    const { table } = this;
    const rack = this.#deps.places.rackNumberOf(request.address);
    const isSession = known >= 0 && table.isSession(known, request.peerId);
    const previous = isSession ? table.progressOf(known) : undefined;
    const slot = known >= 0 ? known : table.add(swarm.number, request);
    const isMoved = known < 0 || !swarm.isAt(slot, request, rack);
    if (isMoved && known >= 0) swarm.remove(slot);
    table.note(slot, request, this.#deps.nowMs());
    if (isMoved) {
      table.racks[slot] = rack;
      table.kinds[slot] = kindOf(request);
      swarm.add(slot);
    }
    if (known < 0) this.#list(request.infohash, swarm);
    this.#accounts.take(swarm, { slot, previous, current: table.progressOf(slot), request });
    return { slot, rack };
  }

  #farewell(swarm: Swarm, slot: number, request: AnnounceRequest): void {
    const isSession = slot >= 0 && this.table.isSession(slot, request.peerId);
    if (!isSession) return;
    const previous = this.table.progressOf(slot);
    const completed = previous.completed || isCompletion(request);
    this.#accounts.take(swarm, { slot, previous, current: { ...request, completed }, request });
    this.#remove(slot);
  }

  #list(infohash: string, swarm: Swarm): void {
    this.#past.delete(infohash);
    if (this.#swarms.has(infohash)) return;
    this.#lastNumber = swarm.number;
    this.#swarms.set(infohash, swarm);
    this.#byNumber.set(swarm.number, { infohash, swarm });
  }

  #remove(slot: number): void {
    const listed = this.#byNumber.get(this.table.swarms[slot] ?? 0);
    listed?.swarm.remove(slot);
    this.table.delete(slot);
    if (listed?.swarm.size === 0) this.#retire(listed.infohash, listed.swarm);
  }

  #retire(infohash: string, swarm: Swarm): void {
    this.#swarms.delete(infohash);
    this.#byNumber.delete(swarm.number);
    this.#past.set(infohash, swarm.totals);
    const [oldest] = this.#past.keys();
    if (this.#past.size > this.#config.pastSwarms && oldest !== undefined) {
      this.#past.delete(oldest);
    }
  }

  #choosePeers(
    swarm: Swarm,
    request: AnnounceRequest,
    place: { readonly slot: number; readonly rack: number },
  ): HandedPeers {
    const permanent = this.ownSeeds.endpointsFor(request.infohash, request);
    const size = this.#deps.catalog.sizeOf?.(request.infohash);
    const need = size && request.leftBytes !== undefined ? request.leftBytes / size : 1;
    const asker = { ...place, need: Math.min(1, need) };
    const chosen = swarm.choosePeers(request, asker, {
      permanentCount: permanent.length,
      random: this.#deps.random,
    });
    return new HandedPeers(this.table, permanent, chosen);
  }

  #accept(infohash: string, peers: HandedPeers, rack?: number): AnnounceOutcome {
    return { kind: 'accepted', ...this.countsOf(infohash), peers, rack };
  }
}

const noLimits = { slots: Number.POSITIVE_INFINITY, removals: Number.POSITIVE_INFINITY };
