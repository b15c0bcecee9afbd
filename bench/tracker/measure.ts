import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { loadBetween, readMachineTime } from '../support/machine-load.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import { quantile } from '../support/statistics.ts';
import { makeDiskFolder } from '../support/work-folder.ts';
import { type Asker, askEach, askMost, askPaced } from './asker.ts';
import type { Figures, Protocol, Run, Scenario } from './figures.ts';
import { createHttpAsker } from './http-asker.ts';
import { infohashesOf, type LoadPeer, peersOf } from './machines.ts';
import type { Options } from './options.ts';
import { readUsage, type StartedTracker, systems, type TrackerSystem } from './systems.ts';
import { openUdpAsker } from './udp-asker.ts';

const intervalSeconds = 30;
const statsEveryMs = 500;
const warmUpPeers = 1_000;

export type Bench = { readonly options: Options; readonly progress: (line: string) => void };

/** One run of each system in each setting; the systems take turns. */
export async function measureRound({ options, progress }: Bench, round: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (const scenario of options.scenarios) {
    for (const protocol of options.protocols) {
      // Who comes first in one round is last in the next one.
      for (const system of round % 2 === 0 ? systems : systems.toReversed()) {
        await waitUntilQuiet(options.waitQuietSeconds, progress);
        const figures = await measureSystem(system, { scenario, protocol, options });
        const run = { system: system.name, protocol, scenario: scenario.name, figures };
        progress(`${scenario.name} ${protocol} ${system.name} ${JSON.stringify(figures)}`);
        runs.push(run);
      }
    }
  }
  return runs;
}

type Setting = {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  readonly options: Options;
};

async function measureSystem(system: TrackerSystem, setting: Setting): Promise<Figures> {
  const { scenario, protocol } = setting;
  const tracker = await system.start(infohashesOf(scenario), makeDiskFolder());
  // Peers are the same whichever way they came, and come sooner by UDP.
  const byUdp = await openUdpAsker(scenario.addresses, tracker.port);
  const asker = protocol === 'udp' ? byUdp : createHttpAsker(tracker.port);
  try {
    return await measureStarted(tracker, { byUdp, asker }, setting);
  } finally {
    byUdp.close();
    await tracker.stop();
  }
}

async function measureStarted(
  tracker: StartedTracker,
  { byUdp, asker }: { readonly byUdp: Asker; readonly asker: Asker },
  { scenario, options }: Setting,
): Promise<Figures> {
  const peers = peersOf(scenario);
  const first = peers.slice(0, Math.min(warmUpPeers, peers.length / 10));
  // Before memory is looked at: code is compiled, buffers are as large as they get.
  await askEach(byUdp, first);
  await askEach(asker, first);
  await tracker.collectGarbage();
  const empty = readUsage(tracker.pid);
  const machine = readMachineTime();
  await askEach(byUdp, peers);
  await tracker.collectGarbage();
  const full = readUsage(tracker.pid);
  const most = await askMost(asker, peers, options.mostSeconds);
  const worked = readUsage(tracker.pid);
  const seconds = options.pacedSeconds;
  await tracker.watchLoop();
  const watched = watchStats(tracker);
  const paced = await askPaced(asker, shuffled(peers), { seconds, intervalSeconds });
  const loop = await tracker.takeLoop();
  const cpuSecondsEach = (worked.cpuSeconds - full.cpuSeconds) / most.answered;
  return {
    answersPerSecond: most.answered / most.seconds,
    answersPerCpuSecond: 1 / cpuSecondsEach,
    pacedPerSecond: paced.answered / seconds,
    medianMs: quantile(paced.latenciesMs, 0.5) ?? 0,
    p99Ms: quantile(paced.latenciesMs, 0.99) ?? 0,
    lostShare: (most.lost + paced.lost) / (most.lost + paced.lost + most.answered + paced.answered),
    bytesPerPeer: (full.residentBytes - empty.residentBytes) / (peers.length - first.length),
    ...(loop && {
      loopMostMs: loop.mostMs,
      loopP999Ms: loop.p999Ms,
      heldMostMs: loop.heldMostMs,
    }),
    statsMostMs: await watched.stop(),
    load: loadBetween(machine, readMachineTime()),
  };
}

/** Somebody looks at the figures all the time. */
function watchStats({ port, statsPaths }: StartedTracker) {
  let isWatched = true;
  let mostMs = 0;
  const watching = (async () => {
    for (let turn = 0; isWatched; turn += 1) {
      const startMs = performance.now();
      await get(port, statsPaths[turn % statsPaths.length] ?? '/');
      mostMs = Math.max(mostMs, performance.now() - startMs);
      await delay(statsEveryMs);
    }
  })();
  return {
    stop: async () => {
      isWatched = false;
      await watching;
      return mostMs;
    },
  };
}

function get(port: number, path: string): Promise<void> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume();
      response.on('close', resolve);
    });
    sent.on('error', () => resolve());
    sent.end();
  });
}

function shuffled(peers: readonly LoadPeer[]): readonly LoadPeer[] {
  return peers
    .map((peer) => ({ peer, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ peer }) => peer);
}
