import { messageOf } from '../../../runtime/errors.ts';
import type { Log } from '../../../runtime/log.ts';
import type { NodeRecords } from '../../nodes/records.ts';
import {
  factsDocumentOf,
  followInstallsPath,
  type InstallNewsDocument,
  installNewsSchema,
} from '../../reinstall/documents.ts';
import type { Exchange } from '../install-handler.ts';
import { createStreamBell, writeAtPace } from '../stream-pace.ts';
import { defineOperation, type Operation, streamed } from './operation.ts';

// Connections that are silent for two minutes are closed, by us and by what lies between.
const heartbeatMs = 15_000;

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

/**
 * At the pace of who reads: what has changed while that took its time is told once, as it is then.
 * Resolves when the client has left.
 */
async function follow({ log, nodes: { store } }: Deps, { request, response }: Exchange) {
  if (response.closed) return;
  store.refresh();
  const changed = new Set<string>();
  const bell = createStreamBell();
  const heart = setInterval(bell.beat, heartbeatMs);
  const stop = store.onChange((changes) => {
    for (const { before, after } of changes) changed.add((after ?? before)?.name ?? '');
    bell.ring();
  });
  response.once('close', bell.end);
  try {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') return void response.end();
    await writeAtPace(response, render({ nodes: store.all().map(factsDocumentOf), removed: [] }));
    while (!bell.isOver()) {
      const names = [...changed];
      changed.clear();
      if (names.length > 0) await writeAtPace(response, render(newsOf(store, names)));
      else if ((await bell.heard()) === 'beat') await writeAtPace(response, ': still here\n\n');
    }
  } catch (error) {
    log.warn('installs not told', { reason: messageOf(error) });
    response.destroy();
  } finally {
    clearInterval(heart);
    stop();
  }
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
