import type { Figures } from './figures.ts';
import { runFirmware } from './firmware.ts';
import { measured } from './measured.ts';
import { runPerfdhcp } from './perfdhcp.ts';
import type { BurstSetting } from './settings.ts';
import type { DhcpServer, Stage } from './stage.ts';

const limitSeconds = 60;

/** All machines ask within a moment, and again until they are answered. */
export async function measureBurst(
  stage: Stage,
  server: DhcpServer,
  { machines, how }: BurstSetting,
): Promise<Figures> {
  const program = await server.startDhcp(stage, { kind: 'reserved', machines, probe: true });
  const run = how === 'within a second' ? runFirmware : runAvalanche;
  const of = await measured(program, () => run(stage, { machines, limitSeconds }));
  await program.stop();
  const { boundCount, lastBoundSeconds, resentCount } = of.result;
  return {
    boundCount,
    lostCount: machines - boundCount,
    lastBoundSeconds,
    resentCount,
    load: of.load,
    ownLoad: of.ownLoad,
  };
}

async function runAvalanche(
  stage: Stage,
  plan: { readonly machines: number; readonly limitSeconds: number },
) {
  const { completed, resent, provisionSeconds, cpuSeconds } = await runPerfdhcp(stage, plan);
  return {
    boundCount: completed,
    lastBoundSeconds: provisionSeconds ?? plan.limitSeconds,
    resentCount: resent,
    cpuSeconds,
  };
}
