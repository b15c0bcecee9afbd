import type { Summary } from './summary.ts';

export type Verdict = {
  /** What is wanted, in words. */
  readonly goal: string;
  readonly value: number;
  readonly wanted: string;
  readonly isReached: boolean;
};

/** Holds the figures against the goals; leaves out those for which nothing was measured. */
export function judgeGoals(summary: Summary): Verdict[] {
  const better = (server: string | undefined) => `÷ ${server ?? 'the better other server'}'s`;
  return [
    atLeast("DHCP exchanges ÷ dnsmasq's", summary.dhcpToDnsmasq, 1),
    atMost('machines without an address', summary.burstLostCount, 0),
    atMost('seconds until the last one has its address', summary.burstSeconds, 5),
    atMost('seconds to arm all nodes by the command', summary.rearmSeconds, 1),
    atMost('files that are written for it', summary.rearmFileCount, 0),
    atLeast(`TFTP, one client, ${better(summary.tftpSingleBetter)}`, summary.tftpSingle, 0.8),
    atLeast(`TFTP, many clients, ${better(summary.tftpManyBetter)}`, summary.tftpMany, 0.8),
    atLeast('TFTP, one client with a window', summary.tftpSingleWindow, 1),
    atLeast('TFTP, many clients with a window', summary.tftpManyWindow, 1),
  ].flatMap((verdict) => verdict ?? []);
}

function atLeast(goal: string, value: number | undefined, least: number): Verdict | undefined {
  if (value === undefined) return undefined;
  return { goal, value, wanted: `≥ ${least}`, isReached: value >= least };
}

function atMost(goal: string, value: number | undefined, most: number): Verdict | undefined {
  if (value === undefined) return undefined;
  return { goal, value, wanted: `≤ ${most}`, isReached: value <= most };
}
