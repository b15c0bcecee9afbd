import {
  type WatchNews,
  watchedNodeOf,
  watchInstallsPath,
  watchNewsSchema,
} from '../../installs/documents.ts';
import { selectNodes, selectRemaining } from '../../nodes/selection.ts';
import type { MachineNode } from '../../nodes/types.ts';
import type { Exchange } from '../install-handler.ts';
import { createChangedNames, streamAtPace } from '../stream-pace.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';

type Deps = Pick<ApiDeps, 'log' | 'nodes' | 'progress'>;

/** How far installs are, live. */
export function watchInstallsOperations(deps: Deps): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: watchInstallsPath, id: 'watchInstalls', tag: 'installs' },
      scope: 'read',
      summary:
        'How far the installs of all nodes, or of a selection, are, then of those of which there ' +
        'is news, as server-sent events: each says all that is known of its nodes',
      query: {
        select: {
          kind: 'texts',
          description:
            'Words of a selection: names, conditions. A node that was selected once stays.',
        },
      },
      streams: 'always',
      answer: watchNewsSchema,
      refusals: [404],
      run: async ({ query, exchange }) => {
        const { store } = deps.nodes;
        store.refresh();
        const { select: words = [] } = query;
        // What is wrong with it is told before the stream begins.
        if (words.length > 0) selectNodes(store, words);
        await watch(deps, words, exchange);
        return streamed;
      },
    }),
  ];
}

function watch(deps: Deps, words: readonly string[], exchange: Exchange): Promise<void> {
  const { log, progress, nodes } = deps;
  const view = createView(deps, words);
  const changed = createChangedNames((names) => {
    const news = view.newsOf(names);
    return news.nodes.length + news.removed.length > 0 ? render(news) : undefined;
  });
  return streamAtPace(exchange, {
    log,
    first: () => render(view.all()),
    next: changed.next,
    follow: ({ ring }) => {
      const note = (names: readonly string[]): void => {
        changed.note(names);
        ring();
      };
      const stops = [
        progress.follow(note),
        nodes.store.onChange((changes) =>
          note(changes.map(({ before, after }) => (after ?? before)?.name ?? '')),
        ),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  });
}

/** Nodes that were selected once stay, whatever becomes of them. */
function createView({ nodes: { store }, progress }: Deps, words: readonly string[]) {
  const watched = new Set<string>();
  const documentOf = (node: MachineNode) => watchedNodeOf(node, progress.of(node));
  const select = (): void => {
    const chosen = words.length === 0 ? store.all() : selectRemaining(store, words);
    for (const { name } of chosen) watched.add(name);
  };
  const newsOf = (names: readonly string[]): WatchNews => {
    const own = names.filter((name) => watched.has(name));
    const found = own.flatMap((name) => store.byName(name) ?? []);
    const gone = own.filter((name) => store.byName(name) === undefined);
    for (const name of gone) watched.delete(name);
    return { nowMs: Date.now(), nodes: found.map(documentOf), removed: gone };
  };
  return {
    all: (): WatchNews => {
      select();
      const all = store.all().filter(({ name }) => watched.has(name));
      return { nowMs: Date.now(), nodes: all.map(documentOf), removed: [] };
    },
    newsOf: (names: readonly string[]): WatchNews => {
      select();
      return newsOf(names);
    },
  };
}

function render(news: WatchNews): string {
  return `data: ${JSON.stringify(news)}\n\n`;
}
