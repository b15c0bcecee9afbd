import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../../../runtime/errors.ts';
import type { Log } from '../../../runtime/log.ts';
import { eventDocumentOf } from '../../nodes/documents.ts';
import type { EventLog } from '../../nodes/event-log.ts';
import type { StoredEvent } from '../../nodes/event-rows.ts';
import type { Exchange } from '../install-handler.ts';
import { createStreamBell, type StreamBell, writeAtPace } from '../stream-pace.ts';

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

// Connections that are silent for two minutes are closed, by us and by what lies between.
const usualHeartbeatMs = 15_000;
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
  deps: Deps,
  { heartbeatMs = usualHeartbeatMs }: EventStreamsConfig = {},
) {
  return {
    /** Resolves when the client has left, or the frontend ends. Rejects with DatabaseError. */
    send: async ({ request, response }: Exchange, order: EventStreamOrder): Promise<void> => {
      if (response.closed) return;
      const start = startOf(deps.events, order);
      const bell = createStreamBell();
      const heart = setInterval(bell.beat, heartbeatMs);
      const stop = deps.events.follow({ onWritten: bell.ring, onEnd: bell.end });
      response.once('close', bell.end);
      try {
        response.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
        });
        if (request.method === 'HEAD') response.end();
        else await sendAll(deps, { response, machines: order.machines, start, bell });
      } catch (error) {
        // Nothing else can be told on it any more; the client comes back for the rest.
        deps.log.warn('events not sent', { reason: messageOf(error) });
        response.destroy();
      } finally {
        clearInterval(heart);
        stop();
      }
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

type Sending = {
  readonly response: ServerResponse;
  readonly machines: readonly string[] | undefined;
  readonly start: Start;
  readonly bell: StreamBell;
};

async function sendAll({ events }: Deps, { response, machines, start, bell }: Sending) {
  let { afterId, gapUpTo } = start;
  await writeAtPace(response, `retry: ${retryMs}\n\n${start.head}`);
  while (!bell.isOver()) {
    if (events.hasGap(Math.max(afterId, gapUpTo), machines)) {
      // A slow client has not come to them in time.
      gapUpTo = events.lastId();
      await writeAtPace(response, gapAfter(afterId));
    }
    const page = events.after({ id: afterId, machines, limit: pageCount });
    const last = page.at(-1);
    if (last !== undefined) {
      afterId = last.id;
      await writeAtPace(response, page.map(render).join(''));
      // Others get their turn.
      await nextTurn();
    } else if ((await bell.heard()) === 'beat') await writeAtPace(response, ': still here\n\n');
  }
  response.end();
}

function render(event: StoredEvent): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(eventDocumentOf(event))}\n\n`;
}

/** Of no event, but a client that is cut off now goes on from there. */
function idLine(id: number): string {
  return `id: ${id}\n\n`;
}
