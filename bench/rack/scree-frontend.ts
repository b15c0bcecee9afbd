import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sum } from '../../src/simulator/sum.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import type { MeasuredProcess, Stage } from './system.ts';

export const scree = join(import.meta.dirname, '../../scree');
export const treeName = 'bench';

/** The frontend's program, and those that took its place. */
export type ScreeFrontend = MeasuredProcess & {
  /** Tree bytes that it says it has sent. */
  readonly countSentBytes: () => Promise<number>;
  readonly readStats: () => Promise<Stats>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  readonly startAgain: () => Promise<void>;
};

const statsSchema = v.object({
  frontend: v.object({ sentToPeersBytes: v.number(), sentByHttpBytes: v.number() }),
  offenders: v.array(v.object({ address: v.string(), reason: v.string(), reports: v.number() })),
});

export type Stats = v.InferOutput<typeof statsSchema>;

export async function startScreeFrontend(stage: Stage): Promise<ScreeFrontend> {
  const { frontend: host, folder, tree, situation } = stage;
  const configPath = join(folder, 'scree.yaml');
  if (situation.isTrackerDead) await host.run(['sh', '-ec', unheardAddress.join('\n')]);
  const tracker = situation.isTrackerDead ? deadTrackerIp : host.ip;
  const state = join(folder, 'state');
  await writeFile(configPath, renderConfig({ ip: host.ip, tracker, state }));
  await host.run([scree, 'tree', 'add', treeName, tree.folder, '-c', configPath]);

  const start = async (): Promise<RackProcess> => {
    const program = host.start([scree, 'frontend', '-c', configPath]);
    await program.waitForLine(/^ready/, 60_000);
    return program;
  };
  const first = await start();
  const programs = [first];
  let earlierBytes = 0;
  const current = (): RackProcess => programs.at(-1) ?? first;
  const readStats = async (): Promise<Stats> => {
    const { stdout } = await host.run(['curl', '-sS', `http://${host.ip}/stats.json`]);
    return v.parse(statsSchema, JSON.parse(stdout));
  };
  const countSentBytes = async (): Promise<number> => {
    const { sentToPeersBytes, sentByHttpBytes } = (await readStats()).frontend;
    return earlierBytes + sentToPeersBytes + sentByHttpBytes;
  };
  return {
    title: first.title,
    get stderr() {
      return current().stderr;
    },
    usage: () => {
      const usages = programs.map((program) => program.usage());
      return {
        cpuSeconds: sum(usages.map((usage) => usage.cpuSeconds)),
        peakMemoryBytes: Math.max(...usages.map((usage) => usage.peakMemoryBytes)),
      };
    },
    countSentBytes,
    readStats,
    kill: async () => {
      earlierBytes = await countSentBytes();
      current().kill();
      await current().ended;
    },
    startAgain: async () => void programs.push(await start()),
  };
}

/** An address of the frontend for which it answers no ARP: who calls it hears nothing at all. */
const deadTrackerIp = '10.88.0.250';
const unheardAddress = [
  'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
  `ip addr add ${deadTrackerIp}/32 dev lo`,
];

function renderConfig(at: {
  readonly ip: string;
  readonly tracker: string;
  readonly state: string;
}) {
  return `state: ${at.state}
http: { listen: "${at.ip}:80" }
tracker: { listen: "${at.tracker}:6969" }
seed: { listen: "${at.ip}:6881", upload: 0 }
dhcp: { mode: off }
tftp: { listen: off }
`;
}
