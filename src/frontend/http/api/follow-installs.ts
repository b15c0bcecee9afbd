import type { Log } from '../../../runtime/log.ts';
import type { NodeRecords } from '../../nodes/records.ts';
import {
  factsDocumentOf,
  followInstallsPath,
  type InstallNewsDocument,
  installNewsSchema,
} from '../../reinstall/documents.ts';
import type { Exchange } from '../install-handler.ts';
import { createChangedNames, streamAtPace } from '../stream-pace.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';

type Deps = {
  readonly log: Log;
  readonly nodes: {
    readonly store: Pick<NodeRecords['store'], 'refresh' | 'all' | 'byName' | 'onChange'>;
  };
};

/** The boot states of all nodes, live: for what waits for many machines at once. */
export function followInstallsOperations(deps: Deps): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: followInstallsPath, id: 'followInstalls', tag: 'installs' },
      scope: 'read',
      summary:
        'The boot states of all nodes, then of those that have changed, as server-sent events',
      streams: 'always',
      answer: installNewsSchema,
      run: async ({ exchange }) => {
        await follow(deps, exchange);
        return streamed;
      },
    }),
  ];
}

function follow({ log, nodes: { store } }: Deps, exchange: Exchange): Promise<void> {
  store.refresh();
  const changed = createChangedNames((names) => render(newsOf(store, names)));
  return streamAtPace(exchange, {
    log,
    first: () => render({ nodes: store.all().map(factsDocumentOf), removed: [] }),
    next: changed.next,
    follow: ({ ring }) =>
      store.onChange((changes) => {
        changed.note(changes.map(({ before, after }) => (after ?? before)?.name ?? ''));
        ring();
      }),
  });
}

function newsOf({ byName }: Deps['nodes']['store'], names: readonly string[]): InstallNewsDocument {
  const nodes = names.map((name) => ({ name, node: byName(name) }));
  return {
    nodes: nodes.flatMap(({ node }) => (node === undefined ? [] : [factsDocumentOf(node)])),
    removed: nodes.flatMap(({ name, node }) => (node === undefined ? [name] : [])),
  };
}

function render(news: InstallNewsDocument): string {
  return `data: ${JSON.stringify(news)}\n\n`;
}
