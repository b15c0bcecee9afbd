import { hungUp, isDoubtful } from '../protocol/offences.ts';
import type { Log } from '../runtime/log.ts';
import type { AnnounceRequest } from './announce-request.ts';
import { Flows } from './flows.ts';
import { OffenderList } from './offender-list.ts';
import type { Progress } from './peer.ts';
import type { PeerTable } from './peer-table.ts';
import type { Places } from './places.ts';
import type { Swarm } from './swarm.ts';
import type { TrackerCatalog } from './types.ts';

export type AccountsDeps = {
  readonly log: Log;
  readonly catalog: Pick<TrackerCatalog, 'nameOf'>;
  readonly places: Places;
  readonly table: PeerTable;
  readonly nowMs: () => number;
};

/** One announce of a peer at this slot; `previous` is the same session before it. */
export type Account = {
  readonly slot: number;
  readonly previous: Progress | undefined;
  readonly current: Progress;
  readonly request: AnnounceRequest;
};

/** Of so few no two may come to ask the same peer. */
const fewPeers = 4;

/** Adds up what peers tell of what they moved, from whom, and of bad peers. */
export class Accounts {
  readonly flows: Flows;
  readonly offenders = new OffenderList();
  readonly #deps: AccountsDeps;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
    this.flows = new Flows(deps.places);
  }

  take(swarm: Swarm, { slot, previous, current, request }: Account): void {
    const completedBefore = swarm.totals.completed;
    const moved = swarm.totals.add(previous, current);
    if (swarm.totals.completed > completedBefore) this.#logCompleted(request);
    if (previous === undefined) this.flows.admit(request);
    this.flows.addFromFrontend(request, moved.fromFrontendBytes);
    this.#takeReport(swarm, slot, request);
  }

  /** A report that comes again, because its first answer was lost, does not count again. */
  #takeReport(swarm: Swarm, slot: number, request: AnnounceRequest): void {
    const { report } = request;
    const { reportNumbers } = this.#deps.table;
    if (report === undefined || reportNumbers[slot] === report.number) return;
    reportNumbers[slot] = report.number;
    const saidBytes = report.sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // More than it got at all is a mistake or a lie.
    for (const source of saidBytes <= request.downloadedBytes ? report.sources : []) {
      const isOwnRack = this.flows.addFromPeer(source, request, source.sizeBytes);
      if (isOwnRack) swarm.totals.fromOwnRackBytes += source.sizeBytes;
      else swarm.totals.fromOtherRacksBytes += source.sizeBytes;
    }
    const { places, table, nowMs } = this.#deps;
    for (const { reason, ...offender } of report.offenders) {
      // Who has said good-bye here may hang up there.
      if (reason === hungUp && table.find(swarm.number, offender).slot < 0) continue;
      const by = places.nodeOf(request);
      const needsTwo = isDoubtful(reason) && swarm.size >= fewPeers;
      this.offenders.add(
        { address: places.nodeOf(offender), reason, by },
        { needsTwo, nowMs: nowMs() },
      );
    }
  }

  #logCompleted({ infohash, address, downloadedBytes }: AnnounceRequest): void {
    const name = this.#deps.catalog.nameOf(infohash);
    this.#deps.log.debug('peer completed', { ip: address, name, infohash, downloadedBytes });
  }
}
