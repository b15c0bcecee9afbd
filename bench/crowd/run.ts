import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fetchSentBytes } from '../../src/simulator/demo-figures.ts';
import { inDemoPlace } from '../../src/simulator/demo-place.ts';
import { demoTreeName, startDemoFrontend } from '../../src/simulator/demo-rack.ts';
import { createLineBuffer } from '../../test/support/line-buffer.ts';
import { type ProcessUsage, readProcessUsage } from '../../test/support/process-usage.ts';
import { BenchError } from '../support/bench-error.ts';
import { loadBetween, readMachineTime } from '../support/machine-load.ts';
import type { BenchTree } from '../support/tree.ts';
import type { CrowdRun } from './figures.ts';

const crowdProgram = join(import.meta.dirname, 'crowd.ts');
/** As a frontend says unless it is told otherwise. */
const announceSeconds = 30;
/** Beside what all bytes take at the frontend's rate. */
const slackSeconds = 120;

/** A frontend of its own on the loopback, and so many agents. Throws BenchError, DemoError. */
export async function runCrowd(
  agents: number,
  tree: BenchTree,
  uploadBytesPerSecond: number,
): Promise<CrowdRun> {
  const longestSeconds = slackSeconds + (2 * tree.totalSizeBytes) / uploadBytesPerSecond;
  const signal = AbortSignal.timeout(Math.ceil(longestSeconds) * 1000);
  const figures = await inDemoPlace(async (place) => {
    const { folder } = tree;
    const frontend = await startDemoFrontend(place, {
      folder,
      uploadBytesPerSecond,
      announceSeconds,
    });
    const usage = () => usageOf(frontend.program.pid);
    const alone = usage();
    const url = `${frontend.url}/install/${demoTreeName}.torrent`;
    const crowd = startCrowd(agents, url, signal);
    try {
      await crowd.waitFor(/^ready/);
      const machine = readMachineTime();
      const startMs = performance.now();
      crowd.begin();
      const [, messages = '0'] = (await crowd.waitFor(/^done \d+/)).split(' ');
      const seconds = (performance.now() - startMs) / 1000;
      const after = usage();
      return {
        seconds,
        startMegabytes: alone.peakMemoryBytes / 1e6,
        peakMegabytes: after.peakMemoryBytes / 1e6,
        cpuSeconds: after.cpuSeconds - alone.cpuSeconds,
        copies: (await fetchSentBytes(frontend.url)) / tree.totalSizeBytes,
        messagesPerSecond: Number(messages) / seconds,
        load: loadBetween(machine, readMachineTime()),
      };
    } finally {
      crowd.end();
    }
  }, signal);
  return { agents, figures };
}

function startCrowd(agents: number, torrentUrl: string, signal: AbortSignal) {
  const command = [crowdProgram, String(agents), torrentUrl];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'], signal });
  const stdout = createLineBuffer(child.stdout);
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code, name) => {
      reject(
        new BenchError('client-failed', `expected the crowd to go on, it ended by ${name ?? code}`),
      );
    });
  });
  ended.catch(() => {});
  return {
    waitFor: (pattern: RegExp) => Promise.race([stdout.find(pattern), ended]),
    begin: () => void child.stdin.write('\n'),
    end: () => void child.kill('SIGKILL'),
  };
}

function usageOf(pid: number | undefined): ProcessUsage {
  const usage = pid === undefined ? undefined : readProcessUsage(pid);
  if (usage !== undefined) return usage;
  throw new BenchError('client-failed', 'expected the frontend to run, it is gone');
}
