import { planSimulation } from '../../src/simulator/simulate/check-options.ts';
import { simulate } from '../../src/simulator/simulate/run.ts';

// One simulation in a process of its own: its options are the argument, a line of JSON the answer.

const startedAtMs = performance.now();
const figures = await simulate(planSimulation(JSON.parse(process.argv[2] ?? '{}')));
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost = {
  elapsedSeconds: (performance.now() - startedAtMs) / 1000,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMemoryBytes: maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify({ figures, cost })}\n`);
