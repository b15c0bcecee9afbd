import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { eventDocumentOf } from '../nodes/documents.ts';
import type { EventLog } from '../nodes/event-log.ts';
import type { MachineEvent } from '../nodes/event-rows.ts';
import type { Exchange } from './install-handler.ts';
import { sendRefusal } from './replies.ts';

const mostStreams = 64;
// Connections that are silent for two minutes are closed, by us and by what lies between.
const heartbeatMs = 15_000;
const mostUnsentBytes = 1024 * 1024;

/** Sends stories as server-sent events: what has happened, then what happens. */
export function createEventStreams(events: Pick<EventLog, 'read' | 'follow'>) {
  let running = 0;
  return {
    /** Resolves when the client has left, or took too little. Rejects with DatabaseError. */
    send: async (exchange: Exchange, machines: readonly string[]): Promise<void> => {
      const { request, response } = exchange;
      if (running >= mostStreams) {
        const text = `expected at most ${mostStreams} to follow events at once, got one more`;
        const headers = { 'retry-after': '5' };
        return sendRefusal(request, response, { status: 429, text, headers });
      }
      if (response.closed) return;
      // Both in one turn, so that no event is missed or sent twice.
      const past = events.read(machines);
      running += 1;
      const stop = events.follow(machines, {
        onEvent: (event) => send(response, dataOf(event)),
        onEnd: () => void response.end(),
      });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      for (const event of past) send(response, dataOf(event));
      const heart = setInterval(() => send(response, ': still here'), heartbeatMs);
      try {
        await once(response, 'close');
      } finally {
        clearInterval(heart);
        stop();
        running -= 1;
      }
    },
  };
}

function dataOf(event: MachineEvent): string {
  return `data: ${JSON.stringify(eventDocumentOf(event))}`;
}

function send(response: ServerResponse, line: string): void {
  if (response.destroyed) return;
  response.write(`${line}\n\n`);
  if (response.writableLength > mostUnsentBytes) response.destroy();
}
