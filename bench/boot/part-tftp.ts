import type { RackProcess } from '../../test/support/rack-process.ts';
import { blockBytes, prepareFetchers } from './atftp.ts';
import type { Figures } from './figures.ts';
import type { Initrd } from './initrd.ts';
import { measured } from './measured.ts';
import type { TftpSetting } from './settings.ts';
import type { Stage, TftpServer } from './stage.ts';

const gib = 2 ** 30;

export type TftpPlan = {
  readonly server: TftpServer;
  readonly initrd: Initrd;
  /** For what the clients got; in memory, where there is room. */
  readonly copiesFolder: string;
  readonly settings: readonly TftpSetting[];
};

/** One start of a server, every setting in turn; `told` hears of each as soon as it is measured. */
export async function measureTftp(
  stage: Stage,
  plan: TftpPlan,
  told: (setting: TftpSetting, figures: Figures) => void,
): Promise<void> {
  const program = await plan.server.startTftp(stage, plan.initrd.root);
  // Not counted: programs are still being loaded, the file is still being read.
  await measureSetting(stage, plan, { program, setting: { clients: 1, windowBlocks: 1 } });
  for (const setting of plan.settings) {
    if (setting.windowBlocks > 1 && !plan.server.hasWindows) continue;
    told(setting, await measureSetting(stage, plan, { program, setting }));
  }
  await program.stop();
}

async function measureSetting(
  stage: Stage,
  { initrd, copiesFolder }: TftpPlan,
  { program, setting }: { readonly program: RackProcess; readonly setting: TftpSetting },
): Promise<Figures> {
  const fetchers = await prepareFetchers(stage, setting, { folder: copiesFolder, initrd });
  const of = await measured(program, fetchers.fetch);
  await fetchers.verify();
  const sentBytes = initrd.sizeBytes * setting.clients;
  const blocks = sentBytes / blockBytes;
  return {
    megabytesPerSecond: sentBytes / 1e6 / of.elapsedSeconds,
    blockMicroseconds: (of.elapsedSeconds * 1e6) / blocks,
    serverCpuSecondsPerGiB: of.serverCpuSeconds / (sentBytes / gib),
    load: of.load,
    ownLoad: of.ownLoad,
  };
}
