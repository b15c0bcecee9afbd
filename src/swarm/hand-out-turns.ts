import { Heap } from '../runtime/heap.ts';
import { comesBefore, type Entry, isReady } from './hand-out-entry.ts';

/** So long it is not looked again at who was found nothing for. */
export const dryMs = 20;

export type Showing<Peer> = { readonly peer: Peer; readonly piece: number };

export type TurnsOptions<Peer> = {
  readonly room: number;
  readonly perPeer: number;
  readonly nowMs: number;
  /** Undefined: there is nothing for it. */
  readonly show: (peer: Peer, entry: Entry) => number | undefined;
};

/** Shows so many pieces in all, each to the peer that comes first of those that may be shown one. */
export function showInTurn<Peer>(
  entries: Iterable<[Peer, Entry]>,
  { room, perPeer, nowMs, show }: TurnsOptions<Peer>,
): Showing<Peer>[] {
  const showings: Showing<Peer>[] = [];
  if (room <= 0) return showings;
  const ready = new Heap<[Peer, Entry]>((one, other) => comesBefore(one[1], other[1]));
  for (const each of entries) if (isReady(each[1], perPeer, nowMs)) ready.push(each);
  while (showings.length < room) {
    const next = ready.pop();
    if (next === undefined) break;
    const [peer, entry] = next;
    const piece = show(peer, entry);
    if (piece === undefined) entry.dryUntilMs = nowMs + dryMs;
    else showings.push({ peer, piece });
    if (isReady(entry, perPeer, nowMs)) ready.push(next);
  }
  return showings;
}
