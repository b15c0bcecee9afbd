import type { Log } from '../../../runtime/log.ts';
import { eventDocumentOf } from '../../nodes/documents.ts';
import type { EventLog } from '../../nodes/event-log.ts';
import type { StoredEvent } from '../../nodes/event-rows.ts';
import type { Exchange } from '../install-handler.ts';
import { streamAtPace } from '../stream-pace.ts';

/** What a stream is to tell of. */
export type EventStreamOrder = {
  /** Undefined: all. */
  readonly machines: readonly string[] | undefined;
  /** The event after which it goes on; undefined: with what happens from now on. */
  readonly afterId: number | undefined;
  /** Told first, when it does not go on after an event. */
  readonly story?: () => readonly StoredEvent[];
};

export type EventStreamsConfig = { readonly heartbeatMs?: number };

const pageCount = 200;
const retryMs = 2_000;

type Deps = {
  readonly log: Log;
  readonly events: Pick<EventLog, 'after' | 'lastId' | 'hasGap' | 'follow'>;
};

/**
 * Sends events as server-sent events, each with its id: who was cut off goes on after the last one
 * that it got, over a restart too, without a gap or a double. Each stream reads from the database
 * at its client's pace, so that a slow one costs a page of memory and nothing else; what has gone
 * meanwhile is told as a gap.
 */
export function createEventStreams(
  { log, events }: Deps,
  { heartbeatMs }: EventStreamsConfig = {},
) {
  return {
    /** Resolves when the client has left, or the frontend ends. Rejects with DatabaseError. */
    send: (exchange: Exchange, order: EventStreamOrder): Promise<void> => {
      const pages = createPages(events, order);
      return streamAtPace(exchange, {
        log,
        ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
        ...pages,
        follow: ({ ring, end }) => events.follow({ onWritten: ring, onEnd: end }),
      });
    },
  };
}

type Start = {
  readonly head: string;
  readonly afterId: number;
  /** Up to this id the client knows that some may be missing. */
  readonly gapUpTo: number;
};

function startOf(events: Deps['events'], { machines, afterId, story }: EventStreamOrder): Start {
  const lastId = events.lastId();
  if (afterId === undefined) {
    const past = story?.() ?? [];
    const id = Math.max(lastId, past.at(-1)?.id ?? 0);
    return { head: `${past.map(render).join('')}${idLine(id)}`, afterId: id, gapUpTo: 0 };
  }
  // An id that is still to come is from another database: nothing is known of what was missed.
  const isForeign = afterId > lastId;
  if (!isForeign && !events.hasGap(afterId, machines)) {
    return { head: idLine(afterId), afterId, gapUpTo: 0 };
  }
  const id = isForeign ? lastId : afterId;
  return { head: `${gapAfter(afterId)}${idLine(id)}`, afterId: id, gapUpTo: lastId };
}

/** Some of what came after this event is not kept any more. */
function gapAfter(afterId: number): string {
  return `event: gap\ndata: ${JSON.stringify({ afterId })}\n\n`;
}

function createPages(events: Deps['events'], order: EventStreamOrder) {
  const { machines } = order;
  let afterId = 0;
  let gapUpTo = 0;
  /** A slow client has not come to them in time. */
  const missed = (): string => {
    if (!events.hasGap(Math.max(afterId, gapUpTo), machines)) return '';
    gapUpTo = events.lastId();
    return gapAfter(afterId);
  };
  return {
    first: (): string => {
      const start = startOf(events, order);
      ({ afterId, gapUpTo } = start);
      return `retry: ${retryMs}\n\n${start.head}`;
    },
    next: (): string | undefined => {
      const gap = missed();
      const page = events.after({ id: afterId, machines, limit: pageCount });
      afterId = page.at(-1)?.id ?? afterId;
      const told = `${gap}${page.map(render).join('')}`;
      return told === '' ? undefined : told;
    },
  };
}

function render(event: StoredEvent): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(eventDocumentOf(event))}\n\n`;
}

/** Of no event, but a client that is cut off now goes on from there. */
function idLine(id: number): string {
  return `id: ${id}\n\n`;
}
