import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import type { Figures, Part, Run, Subject } from './figures.ts';
import type { Initrd } from './initrd.ts';
import type { Options } from './options.ts';
import { measureBurst } from './part-burst.ts';
import { machinesOfRange, measureDhcp } from './part-dhcp.ts';
import { measureRearm } from './part-rearm.ts';
import { measureTftp } from './part-tftp.ts';
import { dnsmasq } from './server-dnsmasq.ts';
import { screeServer } from './server-scree.ts';
import { tftpdHpa } from './server-tftpd-hpa.ts';
import {
  type BurstSetting,
  burstWays,
  type DhcpSetting,
  nameOfBurst,
  nameOfDhcp,
  nameOfTftp,
  type TftpSetting,
} from './settings.ts';
import { type DhcpServer, type Stage, type TftpServer, withWire } from './stage.ts';

export const dhcpServers: readonly DhcpServer[] = [screeServer, dnsmasq];
export const tftpServers: readonly TftpServer[] = [screeServer, tftpdHpa, dnsmasq];
const windows = [1, 16] as const;

export type BenchSetting = {
  readonly options: Options;
  /** On a disk. */
  readonly folder: string;
  readonly copiesFolder: string;
  readonly initrd: Initrd;
  readonly progress: (line: string) => void;
};

/** One run of every part that was asked for: servers by turns, so that all have the same machine. */
export async function measureRound(bench: BenchSetting): Promise<Run[]> {
  return (await inTurn(bench.options.parts, (part) => rounds[part](bench))).flat();
}

const rounds: Readonly<Record<Part, (bench: BenchSetting) => Promise<Run[]>>> = {
  dhcp: async (bench) => {
    const ofSetting = (setting: DhcpSetting) =>
      inTurn(dhcpServers, (server) => {
        const subject = {
          part: 'dhcp',
          server: server.name,
          setting: nameOfDhcp(setting),
        } as const;
        return tryRun(bench, subject, () =>
          withWire((wire) => measureDhcp(server, setting, (trial) => onStage(bench, wire, trial))),
        );
      });
    const { machines } = bench.options;
    return [
      ...(await ofSetting({ kind: 'reserved', machines, probe: false })),
      ...(await ofSetting({ kind: 'range', machines: machinesOfRange, probe: false })),
    ];
  },
  burst: async (bench) => {
    const { machines } = bench.options;
    const ofWay = (how: BurstSetting['how']) =>
      inTurn(dhcpServers, (server) => {
        const setting = { machines, how };
        const subject = {
          part: 'burst',
          server: server.name,
          setting: nameOfBurst(setting),
        } as const;
        return tryRun(bench, subject, () =>
          withWire((wire) => onStage(bench, wire, (stage) => measureBurst(stage, server, setting))),
        );
      });
    return (await inTurn(burstWays, ofWay)).flat();
  },
  rearm: async (bench) => {
    const setting = `${bench.options.machines} nodes`;
    const work = () => withWire((wire) => onStage(bench, wire, measureRearm));
    return [await tryRun(bench, { part: 'rearm', server: screeServer.name, setting }, work)];
  },
  tftp: async (bench) => (await inTurn(tftpServers, (server) => tftpOf(bench, server))).flat(),
};

/** All settings with one start of the server. */
async function tftpOf(bench: BenchSetting, server: TftpServer): Promise<Run[]> {
  const { initrd, copiesFolder } = bench;
  const settings: TftpSetting[] = windows.flatMap((windowBlocks) =>
    bench.options.clients.map((clients) => ({ clients, windowBlocks })),
  );
  const runs: Run[] = [];
  const whole = { part: 'tftp', server: server.name, setting: 'all' } as const;
  const told = (setting: TftpSetting, figures: Figures): void => {
    const run = { ...whole, setting: nameOfTftp(setting), figures };
    bench.progress(describeRun(run));
    runs.push(run);
  };
  const plan = { server, initrd, copiesFolder, settings };
  const end = await tryRun(bench, whole, async () => {
    await withWire((wire) => onStage(bench, wire, (stage) => measureTftp(stage, plan, told)));
    return {};
  });
  return end.figures === undefined ? [...runs, end] : runs;
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function tryRun(
  { options, progress }: BenchSetting,
  subject: Subject,
  work: () => Promise<Figures>,
): Promise<Run> {
  try {
    await waitUntilQuiet(options.waitQuietSeconds, progress);
    const run = { ...subject, figures: await work() };
    if (Object.keys(run.figures).length > 0) progress(describeRun(run));
    return run;
  } catch (error) {
    const failure = messageOf(error);
    progress(`${subject.part}, ${subject.server}, ${subject.setting}: failed: ${failure}`);
    return { ...subject, failure };
  }
}

function describeRun({ part, server, setting, figures }: Subject & { figures: Figures }): string {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return [part, server, setting, ...shown].join(', ');
}

/** A folder for this use of the wire alone. */
async function onStage<Result>(
  { folder, options }: BenchSetting,
  wire: Pick<Stage, 'server' | 'clients'>,
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const own = await mkdtemp(join(folder, 'run-'));
  try {
    return await work({ ...wire, folder: own, options });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
