import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { readProcessUsage } from '../../test/support/process-usage.ts';
import { compareSamples, type Sample } from '../rack/sample.ts';
import { readMachineTime } from '../support/machine-load.ts';
import { median } from '../support/statistics.ts';
import type { Client, Place } from './client.ts';
import type { Figures } from './figures.ts';
import type { Stage, StartedSystem } from './system.ts';

// Announces and connections that a system makes before it is asked for anything.
const settleMs = 1_000;

/** Runs an installer on all nodes at once. Throws what one of them fails with. */
export async function measure(
  client: Client,
  stage: Stage,
  { started, timeoutMs }: { readonly started: StartedSystem; readonly timeoutMs: number },
): Promise<Figures> {
  await delay(settleMs);
  const places = stage.nodes.map((host) => ({ host, root: join(stage.folder, host.name, 'root') }));
  const before = await takeSample(stage, started);
  const startMs = performance.now();
  const endsSeconds = await Promise.all(
    places.map(async (place: Place) => {
      await client.run(place, started.url, timeoutMs);
      return (performance.now() - startMs) / 1000;
    }),
  );
  const after = await takeSample(stage, started);
  const statuses = await started.agentStatuses();
  for (const place of places) await client.verify(place);
  const compared = compareSamples(before, after, stage.tree.packagesBytes);
  const { copies, load, ownLoad, clientCpuSeconds, agentCpuSecondsPerGiB } = compared;
  return {
    totalSeconds: Math.max(...endsSeconds),
    firstEndSeconds: Math.min(...endsSeconds),
    ...{ copies, load, ownLoad },
    ...(clientCpuSeconds === undefined ? {} : { clientCpuSeconds }),
    ...(agentCpuSecondsPerGiB === undefined ? {} : { agentCpuSecondsPerGiB }),
    ...agentFigures(statuses),
  };
}

async function takeSample(stage: Stage, started: StartedSystem): Promise<Sample> {
  const installersSeconds = endedChildrenCpuSeconds();
  return {
    machine: readMachineTime(),
    atSeconds: performance.now() / 1000,
    frontend: started.frontendProcesses.map((program) => program.usage()),
    agents: started.agentProcesses.map((program) => program.usage()),
    clients: stage.nodes.map((_, __, all) => ({
      cpuSeconds: installersSeconds / all.length,
      peakMemoryBytes: 0,
    })),
    frontendSentBytes: await stage.frontend.sentBytes(),
    ownSentBytes: undefined,
    intoRacksBytes: [],
  };
}

/** An installer is many processes; between two samples nothing else ends that takes long. */
function endedChildrenCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const withChildren = readProcessUsage(process.pid)?.cpuSeconds ?? 0;
  return withChildren - (user + system) / 1e6;
}

function agentFigures(statuses: readonly AgentStatus[]): Figures {
  const medianMs = median(statuses.map(({ firstByte }) => firstByte.medianMs));
  if (medianMs === undefined) return {};
  const fromPeersShare = shareFromPeers(statuses);
  return {
    firstByteMedianSeconds: medianMs / 1000,
    firstByteP99Seconds: Math.max(...statuses.map(({ firstByte }) => firstByte.p99Ms)) / 1000,
    ...(fromPeersShare === undefined ? {} : { fromPeersShare }),
  };
}

function shareFromPeers(statuses: readonly AgentStatus[]): number | undefined {
  const counters = statuses.flatMap(({ trees }) => trees.flatMap((tree) => tree.counters ?? []));
  const sum = (pick: (each: (typeof counters)[number]) => number) =>
    counters.reduce((total, each) => total + pick(each), 0);
  const fromPeers = sum((each) => each.receivedFromPeersBytes);
  const others = sum((each) => each.receivedFromFrontendBytes + each.receivedByHttpBytes);
  return fromPeers + others === 0 ? undefined : fromPeers / (fromPeers + others);
}
