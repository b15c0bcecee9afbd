import type { Figures } from './figures.ts';
import { measured } from './measured.ts';
import { runPerfdhcp } from './perfdhcp.ts';
import type { DhcpServer, Stage } from './stage.ts';

const limitSeconds = 60;

/** All machines ask at once, and again until they are answered. */
export async function measureBurst(stage: Stage, server: DhcpServer): Promise<Figures> {
  const { machines } = stage.options;
  const program = await server.startDhcp(stage, { kind: 'reserved', machines });
  const of = await measured(program, () => runPerfdhcp(stage, { machines, limitSeconds }));
  await program.stop();
  const { completed, resent, provisionSeconds } = of.result;
  return {
    boundCount: completed,
    lostCount: machines - completed,
    ...(provisionSeconds === undefined ? {} : { lastBoundSeconds: provisionSeconds }),
    resentCount: resent,
    load: of.load,
    ownLoad: of.ownLoad,
  };
}
