import {
  eventDocumentOf,
  eventSchema,
  eventsAnswerSchema,
  strangerDocumentOf,
  strangersAnswerSchema,
} from '../../nodes/documents.ts';
import { NodesError } from '../../nodes/errors.ts';
import { machinesOf, strangersOf } from '../../nodes/stories.ts';
import type { Exchange } from '../install-handler.ts';
import type { ApiDeps } from './deps.ts';
import { createEventStreams } from './event-streams.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';
import type { QueryParameter } from './query.ts';

const tag = 'events';
const since: QueryParameter & { readonly kind: 'number' } = {
  kind: 'number',
  description:
    'The id of an event: goes on after it. The header Last-Event-ID goes before this; without ' +
    'either, a stream of all machines begins with what happens next.',
};

/** The stories of machines: what was, and what happens. */
export function eventOperations({ log, nodes }: ApiDeps): readonly Operation[] {
  const { store, events } = nodes;
  const streams = createEventStreams({ log, events });
  return [
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}/events', id: 'listNodeEvents', tag, scope: 'read' },
      summary: "A machine's story, by its node's name or a MAC address",
      query: {
        follow: { kind: 'flag', description: 'Goes on with what happens, as server-sent events.' },
        since,
      },
      refusals: [404],
      streams: 'with follow',
      event: eventSchema,
      answer: eventsAnswerSchema,
      run: async ({ name, query, exchange }) => {
        const machines = machinesOf(store, name);
        const story = () => events.read(machines);
        if (query.follow !== true) {
          const { since: afterId = 0 } = query;
          const some = story().filter(({ id }) => id > afterId);
          return { events: some.map(eventDocumentOf) };
        }
        await streams.send(exchange, {
          machines,
          afterId: afterIdOf(exchange, query.since),
          story,
        });
        return streamed;
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/events', id: 'followEvents', tag, scope: 'read' },
      summary: 'What happens to all machines, as server-sent events',
      query: { since },
      streams: 'always',
      answer: eventSchema,
      run: async ({ query, exchange }) => {
        const afterId = afterIdOf(exchange, query.since);
        await streams.send(exchange, { machines: undefined, afterId });
        return streamed;
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/strangers', id: 'listStrangers', tag, scope: 'read' },
      summary: 'Machines that are no nodes; who was heard of last comes first',
      answer: strangersAnswerSchema,
      run: () => ({ strangers: strangersOf(nodes).map(strangerDocumentOf) }),
    }),
  ];
}

/** Throws NodesError `bad-request`. */
function afterIdOf({ request }: Exchange, since: number | undefined): number | undefined {
  const header = request.headers['last-event-id'];
  // A browser sends an empty one before the first event.
  if (header === undefined || header === '') return since;
  const id = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
  if (id !== undefined) return id;
  const message = 'expected Last-Event-ID to be the id of an event, got something else';
  throw new NodesError('bad-request', message);
}
