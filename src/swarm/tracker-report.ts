import type { Peer } from './peer.ts';
import type { Offender } from './types.ts';

/** What a tracker is told beside an announce. */
export type Report = {
  /** From 1 to 65,535: a report that is sent again keeps its number. */
  readonly number: number;
  /** From whom what came since the last report, by `address:port`. */
  readonly sources: readonly (readonly [endpoint: string, sizeBytes: number])[];
  readonly offenders: readonly Offender[];
};

const mostSources = 32;
const mostEndpoints = 512;
const mostOffenders = 8;
const numbers = 65_535;

/**
 * Gathers what the tracker's page shows of who feeds whom and who was dropped. A report stays as it
 * is until a tracker has answered it, so that nothing is lost, and by its number nothing counts
 * twice. What does not fit is told the next time; what no tracker hears of is bounded.
 */
export class TrackerReport {
  readonly #sources = new Map<string, number>();
  #offenders: readonly Offender[] = [];
  #number = 0;
  readonly #onDropped: () => void;
  #current: Report | undefined;

  constructor(onDropped: () => void = () => {}) {
    this.#onDropped = onDropped;
  }

  /** What came from the frontend the tracker hears of anyway. */
  received(from: ReportedPeer, sizeBytes: number): void {
    if (from.frontend) return;
    const endpoint = listensAt(from);
    const before = this.#sources.get(endpoint);
    if (before === undefined && this.#sources.size >= mostEndpoints) return;
    this.#sources.set(endpoint, (before ?? 0) + sizeBytes);
  }

  dropped(offender: Offender): void {
    this.#offenders = [...this.#offenders, offender].slice(-mostOffenders);
    this.#onDropped();
  }

  /** Undefined: there is nothing to tell. */
  current(): Report | undefined {
    this.#current ??= this.#take();
    return this.#current;
  }

  /** A tracker has answered an announce with this report. */
  told(report: Report): void {
    if (this.#current === report) this.#current = undefined;
  }

  #take(): Report | undefined {
    if (this.#sources.size === 0 && this.#offenders.length === 0) return undefined;
    const sources = [...this.#sources]
      .sort(([, one], [, other]) => other - one)
      .slice(0, mostSources);
    for (const [endpoint] of sources) this.#sources.delete(endpoint);
    const offenders = this.#offenders;
    this.#offenders = [];
    this.#number = (this.#number % numbers) + 1;
    return { number: this.#number, sources, offenders };
  }
}

type ReportedPeer = Pick<Peer, 'frontend' | 'address' | 'outgoing' | 'extended'>;

/** `address:port`: where a peer takes calls, as far as that is known. */
export function listensAt(peer: Omit<ReportedPeer, 'frontend'>): string {
  const port = peer.outgoing ? undefined : peer.extended?.listenPort;
  return port === undefined ? peer.address : peer.address.replace(/\d+$/, `${port}`);
}

/** As parameters of an announce; nothing where there is nothing to tell. */
export function reportFields(report: Report | undefined): readonly string[] {
  if (report === undefined) return [];
  const sources = report.sources.map(([endpoint, sizeBytes]) => entryOf(endpoint, `${sizeBytes}`));
  const offenders = report.offenders.map(({ address, reason }) => entryOf(address, reason));
  return [
    `scree_report=${report.number}`,
    ...(sources.length > 0 ? [`scree_sources=${encodeURIComponent(sources.join(','))}`] : []),
    ...(offenders.length > 0 ? [`scree_offenders=${encodeURIComponent(offenders.join(','))}`] : []),
  ];
}

/** Reasons are plain words of ours. */
function entryOf(endpoint: string, value: string): string {
  return `${endpoint.replaceAll(/[[\]]/g, '')}=${value.replaceAll(/[^ -~]|,/g, ';').slice(0, 100)}`;
}
