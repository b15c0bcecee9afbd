import type { NodeChange } from '../../nodes/node-index.ts';
import type { NodeRecords } from '../../nodes/records.ts';
import {
  factsDocumentOf,
  followInstallsPath,
  type InstallNewsDocument,
  installNewsSchema,
} from '../../reinstall/documents.ts';
import { sendServerSent } from '../server-sent.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';

/** The boot states of all nodes, live: for what waits for many machines at once. */
export function followInstallsOperations({
  nodes: { store },
}: {
  readonly nodes: Pick<NodeRecords, 'store'>;
}): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: followInstallsPath, id: 'followInstalls', tag: 'installs' },
      scope: 'read',
      summary:
        'The boot states of all nodes, then of those that have changed, as server-sent events',
      streams: 'always',
      answer: installNewsSchema,
      run: async ({ exchange }) => {
        await sendServerSent(exchange, ({ send }) => {
          store.refresh();
          send({ nodes: store.all().map(factsDocumentOf), removed: [] });
          return store.onChange((changes) => send(newsOf(changes)));
        });
        return streamed;
      },
    }),
  ];
}

function newsOf(changes: readonly NodeChange[]): InstallNewsDocument {
  return {
    nodes: changes.flatMap(({ after }) => (after === undefined ? [] : [factsDocumentOf(after)])),
    removed: changes.flatMap(({ before, after }) =>
      before === undefined || after !== undefined ? [] : [before.name],
    ),
  };
}
