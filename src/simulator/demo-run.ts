import { setTimeout as delay } from 'node:timers/promises';
import { fetchNodeFigures, fetchSentBytes, type NodeFigures, noFigures } from './demo-figures.ts';
import { tellAgent } from './demo-installs.ts';
import type { DemoNode, DemoRack } from './demo-rack.ts';
import { demoTreeName } from './demo-rack.ts';
import type { NodeProgress } from './node-progress.ts';
import { type Installation, startInstaller } from './pretend-installer.ts';
import { RateMeter } from './rate-meter.ts';

export type DemoResult = {
  readonly nodes: readonly NodeProgress[];
  /** All bytes of files and pieces that left the frontend, as it counted them. */
  readonly sentByFrontendBytes: number;
};

/** How much later than a broken connection the end of a program may show. */
const newsDelayMs = 500;

/**
 * Lets every node install the rack's tree at the same moment, and tells `show` how far they are.
 * Throws DemoError when one of them fails, or one of the rack's programs ends.
 */
export async function runInstallers(
  rack: DemoRack,
  show: (nodes: readonly NodeProgress[], elapsedMs: number) => void,
  signal: AbortSignal,
): Promise<DemoResult> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const startedAtMs = performance.now();
  const elapsedMs = () => performance.now() - startedAtMs;
  const runs = rack.nodes.map((node) => startRun(rack, { node, elapsedMs }, either));
  const showAll = () =>
    show(
      runs.map((run) => run.progress()),
      elapsedMs(),
    );
  const looking = look(runs, showAll, either);
  try {
    await Promise.race([allDone(runs, rack), rack.watch()]);
    await Promise.all(runs.map((run) => run.look()));
    const sentByFrontendBytes = await fetchSentBytes(rack.frontend.url);
    showAll();
    return { nodes: runs.map((run) => run.progress()), sentByFrontendBytes };
  } finally {
    failure.abort();
    await looking;
  }
}

/** When an installer fails because its agent has ended, that is the news. */
async function allDone(runs: readonly Run[], rack: DemoRack): Promise<void> {
  try {
    await Promise.all(runs.map((run) => run.done));
  } catch (error) {
    await Promise.race([rack.watch(), delay(newsDelayMs)]);
    throw error;
  }
}

/** One node's installation, looked at from outside. */
type Run = {
  readonly done: Promise<void>;
  /** Asks the node's agent where its bytes come from. Throws when it does not answer. */
  readonly look: () => Promise<void>;
  readonly progress: () => NodeProgress;
};

function startRun(
  { frontend: { manifest } }: DemoRack,
  { node, elapsedMs }: { readonly node: DemoNode; readonly elapsedMs: () => number },
  signal: AbortSignal,
): Run {
  const { name, proxy } = node;
  const plan = { name, proxy, tree: demoTreeName, files: manifest.files };
  const installation: Installation = startInstaller(plan, signal);
  void tellAgent(proxy, 'phase?name=packages');
  const meter = new RateMeter();
  let figures: NodeFigures = noFigures;
  let finishedAfterMs: number | undefined;
  const done = installation.done.then(() => {
    finishedAfterMs = elapsedMs();
    void tellAgent(proxy, 'end?outcome=success');
  });
  done.catch(() => {});
  return {
    done,
    look: async () => {
      figures = await fetchNodeFigures(proxy);
      const { files } = installation.progress();
      await tellAgent(proxy, `packages?done=${files}&total=${manifest.files.length}`);
    },
    progress: () => {
      const { sizeBytes } = installation.progress();
      return {
        name,
        doneBytes: sizeBytes,
        totalBytes: manifest.totalSize,
        rateBytesPerSecond: meter.add(sizeBytes, elapsedMs()),
        figures,
        elapsedMs: finishedAfterMs,
      };
    },
  };
}

/** Looks at all nodes again and again until the signal aborts. */
async function look(runs: readonly Run[], showAll: () => void, signal: AbortSignal): Promise<void> {
  const pauseMs = Math.max(300, 20 * runs.length);
  while (!signal.aborted) {
    showAll();
    await delay(pauseMs, undefined, { signal }).catch(() => {});
    // An agent that is too busy to answer is asked again; the figures at the end have to be there.
    if (!signal.aborted) await Promise.allSettled(runs.map((run) => run.look()));
  }
}
