import type { Figures } from './figures.ts';
import { measured } from './measured.ts';
import { nextRate, type RateSearch, type Trial } from './next-rate.ts';
import { runPerfdhcp } from './perfdhcp.ts';
import type { DhcpSetting } from './settings.ts';
import type { DhcpServer, Stage } from './stage.ts';

/** So many machines are told apart where any may ask: none asks twice in a trial. */
export const machinesOfRange = 100_000;

const search: RateSearch = { first: 200, least: 5, most: 20_000, fineness: 1.1 };
const mostLostShare = 0.01;

/**
 * The highest rate at which nearly all machines that ask get an address. Each trial has a server
 * that was started for it: leases of the last one would make the next slower, or quicker.
 */
export async function measureDhcp(
  server: DhcpServer,
  setting: DhcpSetting,
  lend: <Result>(work: (stage: Stage) => Promise<Result>) => Promise<Result>,
): Promise<Figures> {
  const trials: Trial[] = [];
  let best: Figures = { exchangesPerSecond: 0 };
  for (let rate = nextRate(trials, search); rate !== undefined; rate = nextRate(trials, search)) {
    const ratePerSecond = rate;
    const figures = await lend((stage) => tryRate(stage, { server, setting, ratePerSecond }));
    const isKept = (figures.lostShare ?? 1) <= mostLostShare;
    trials.push({ ratePerSecond, isKept });
    const isBest = (figures.exchangesPerSecond ?? 0) > (best.exchangesPerSecond ?? 0);
    if (isKept && isBest) best = figures;
  }
  return best;
}

async function tryRate(
  stage: Stage,
  trial: {
    readonly server: DhcpServer;
    readonly setting: DhcpSetting;
    readonly ratePerSecond: number;
  },
): Promise<Figures> {
  const { setting, ratePerSecond } = trial;
  const seconds = stage.options.dhcpSeconds;
  const program = await trial.server.startDhcp(stage, setting);
  const rate = { perSecond: ratePerSecond, seconds };
  const of = await measured(program, () =>
    runPerfdhcp(stage, { machines: setting.machines, rate, limitSeconds: seconds + 60 }),
  );
  await program.stop();
  const { begun, completed, meanDelayMs } = of.result;
  return {
    exchangesPerSecond: completed / seconds,
    offeredPerSecond: begun / seconds,
    lostShare: begun === 0 ? 1 : 1 - completed / begun,
    ...(Number.isNaN(meanDelayMs) ? {} : { meanDelayMs }),
    serverCpuMsPerExchange: (of.serverCpuSeconds * 1000) / Math.max(1, completed),
    load: of.load,
    ownLoad: of.ownLoad,
  };
}
