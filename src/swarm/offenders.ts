import { gaveNothing, hungUp, isSlow } from '../protocol/offences.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Peer } from './peer.ts';
import type { PeerSet } from './peer-set.ts';
import { listensAt, type TrackerReport } from './tracker-report.ts';
import type { Offender } from './types.ts';

type OnOffender = (offender: Offender) => void;

const kept = 50;
const replacedMs = 1000;

/** The peers that broke the rules last, with the reason. */
export class Offenders {
  /** What the tracker hears of, from an agent. */
  readonly report: TrackerReport | undefined;
  readonly #log: Log;
  readonly #onNew: OnOffender | undefined;
  readonly #list: Offender[] = [];

  constructor(
    log: Log,
    tell: { readonly report?: TrackerReport; readonly onNew?: OnOffender | undefined } = {},
  ) {
    this.#log = log;
    this.report = tell.report;
    this.#onNew = tell.onNew;
  }

  /** A peer has gone; with a reason, it was dropped. */
  noteGone(peer: Peer, reason: string | undefined): void {
    if (reason === undefined) return;
    this.#log.warn('peer dropped', { peer: peer.address, reason });
    const offender = { address: listensAt(peer), reason };
    this.#list.push(offender);
    if (this.#list.length > kept) this.#list.shift();
    this.report?.dropped(offender);
    this.#onNew?.(offender);
  }

  /** It stays; the frontend may be slow, since all ask it. */
  noteLate(peer: Peer, isSilent: boolean): void {
    this.#tell(peer, isSilent ? gaveNothing : isSlow);
  }

  /** It went without a word while it was asked for something; of two connections one is closed. */
  noteHungUp(peer: Peer, peers: Pick<PeerSet, 'has'>, clock: Clock): void {
    clock.after(replacedMs, () => {
      if (!peers.has(peer)) this.#tell(peer, hungUp);
    });
  }

  list(): readonly Offender[] {
    return [...this.#list];
  }

  #tell(peer: Peer, reason: string): void {
    if (!peer.frontend) this.report?.dropped({ address: listensAt(peer), reason });
  }
}
