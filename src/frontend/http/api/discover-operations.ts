import type { Discovery } from '../../discover/discovery.ts';
import { discoverEventSchema, discoverOrderSchema } from '../../discover/documents.ts';
import { DiscoverError } from '../../discover/errors.ts';
import { sendServerSent } from '../server-sent.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';

/** Unknown machines become nodes for as long as the answer, which tells of them, is read. */
export function discoverOperations(discovery: Discovery | undefined): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'POST', path: '/discover', id: 'discover', tag: 'nodes', scope: 'admin' },
      summary:
        'Makes nodes of unknown machines that ask for an address, in that order, until the ' +
        'connection ends; tells of them as server-sent events',
      body: discoverOrderSchema,
      refusals: [404, 409],
      streams: 'always',
      answer: discoverEventSchema,
      run: async ({ body, operator, exchange }) => {
        if (discovery === undefined) throw noDhcp();
        await sendServerSent(exchange, ({ send, end }) =>
          discovery.start(body, {
            operator,
            tell: (event) => {
              send(event);
              if (event.event === 'ended') end();
            },
          }),
        );
        return streamed;
      },
    }),
  ];
}

function noDhcp(): DiscoverError {
  const message = "expected 'dhcp.mode: server' or 'proxy', so that machines are heard, got 'off'";
  return new DiscoverError('no-dhcp', `${message}; change the configuration, and start again`);
}
