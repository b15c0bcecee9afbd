import { BenchError } from '../support/bench-error.ts';
import { firstMac } from './machines.ts';
import type { Stage } from './stage.ts';

export const perfdhcp = { file: '/usr/sbin/perfdhcp', debianPackage: 'kea-admin' } as const;

/** DISCOVER to ACK, as perfdhcp counts. */
export type Exchanges = {
  /** DISCOVERs, without those that were repeated. */
  readonly begun: number;
  readonly completed: number;
  /** From a REQUEST to its ACK. */
  readonly meanDelayMs: number;
  readonly resent: number;
  /** Of the scenario in which all ask at once and repeat until they are answered. */
  readonly provisionSeconds: number | undefined;
};

type Load = {
  readonly machines: number;
  /** How many machines ask in each second, for how many; undefined: all at once, until answered. */
  readonly rate?: { readonly perSecond: number; readonly seconds: number };
  readonly limitSeconds: number;
};

/**
 * Runs perfdhcp, which speaks as a relay agent for many machines. Throws BenchError `too-slow` with
 * what it said last, or `client-failed`.
 */
export async function runPerfdhcp(
  { server, clients }: Stage,
  { machines, rate, limitSeconds }: Load,
): Promise<Exchanges & { readonly cpuSeconds: number }> {
  const shape =
    rate === undefined
      ? ['--scenario', 'avalanche']
      : ['-r', String(rate.perSecond), '-p', String(rate.seconds), '-W', '500000'];
  const base = ['-4', '-R', String(machines), '-b', `mac=${firstMac}`];
  const program = clients.start(['perfdhcp', ...base, ...shape, server.ip]);
  const timer = setTimeout(() => program.kill(), limitSeconds * 1000);
  const { code, signal } = await program.ended.finally(() => clearTimeout(timer));
  const lines = program.stdout.lines();
  if (code === 0 || code === 3) {
    return { ...parsePerfdhcp(lines.join('\n')), cpuSeconds: program.usage().cpuSeconds };
  }
  const last = [...lines, ...program.stderr.lines()].slice(-2).join(' | ');
  const error = signal === 'SIGKILL' ? 'too-slow' : 'client-failed';
  throw new BenchError(error, `expected perfdhcp to end within ${limitSeconds} s: ${last}`);
}

/** What it prints at its end. */
export function parsePerfdhcp(text: string): Exchanges {
  const [, discover = '', request = ''] = text.split('***Statistics for: ');
  const duration = /^It took (\d+):(\d+):([\d.]+) to provision/m.exec(text);
  const [, hours = 0, minutes = 0, seconds = 0] = duration ?? [];
  return {
    begun: numberAfter(discover, 'sent packets: '),
    completed: numberAfter(request, 'received packets: '),
    meanDelayMs: numberAfter(request, 'avg delay: '),
    resent: /^Requests resent: /m.test(text) ? numberAfter(text, 'Requests resent: ') : 0,
    provisionSeconds:
      duration === null ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
  };
}

function numberAfter(text: string, label: string): number {
  const found = text.split('\n').find((line) => line.startsWith(label));
  const value = Number.parseFloat(found?.slice(label.length) ?? '');
  if (!Number.isNaN(value)) return value;
  // Nothing was answered, so it knows no delay.
  if (label === 'avg delay: ') return Number.NaN;
  throw new BenchError('client-failed', `expected perfdhcp to print '${label}', it did not`);
}
