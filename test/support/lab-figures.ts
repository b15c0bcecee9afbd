import { setTimeout as delay } from 'node:timers/promises';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import type { TrackerStats } from '../../src/tracker/types.ts';
import type { Lab, LabMachine } from './install-lab.ts';

export async function readAgentStatus({ host }: Pick<LabMachine, 'host'>): Promise<AgentStatus> {
  return fetchJson(host, 'http://127.0.0.1/agent/status');
}

export type BytesByOrigin = { readonly fromPeers: number; readonly fromFrontend: number };

/** What all agents received, over all trees, by where it came from. */
export async function sumReceived(
  nodes: readonly Pick<LabMachine, 'host'>[],
): Promise<BytesByOrigin> {
  const statuses = await Promise.all(nodes.map(readAgentStatus));
  const counters = statuses.flatMap((each) => each.trees).flatMap((tree) => tree.counters ?? []);
  const passedThrough = statuses.reduce((sum, each) => sum + each.passedThroughBytes, 0);
  return counters.reduce(
    (sum, each) => ({
      fromPeers: sum.fromPeers + each.receivedFromPeersBytes,
      fromFrontend: sum.fromFrontend + each.receivedFromFrontendBytes + each.receivedByHttpBytes,
    }),
    { fromPeers: 0, fromFrontend: passedThrough },
  );
}

/** The same as the frontend has been told, once the agents have told it all. */
export async function waitForTrackerFigures(
  { frontend }: Lab,
  expected: BytesByOrigin,
): Promise<BytesByOrigin> {
  const isComplete = (now: BytesByOrigin) => now.fromPeers >= expected.fromPeers;
  let figures = { fromPeers: 0, fromFrontend: 0 };
  for (let attempt = 0; attempt < 40 && !isComplete(figures); attempt += 1) {
    if (attempt > 0) await delay(500);
    const url = `http://${frontend.host.ip}/stats.json`;
    const { totals } = await fetchJson<TrackerStats>(frontend.host, url);
    figures = { fromPeers: totals.fromPeersBytes, fromFrontend: totals.fromFrontendBytes };
  }
  return figures;
}

async function fetchJson<Value>(host: LabMachine['host'], url: string): Promise<Value> {
  const { stdout } = await host.run(['curl', '--silent', '--fail', '--max-time', '10', url]);
  const value: Value = JSON.parse(stdout);
  return value;
}
