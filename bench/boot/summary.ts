import { type Figures, figureOf, type Medians } from './figures.ts';
import type { Options } from './options.ts';
import { burstWays, dhcpKinds, nameOfBurst, nameOfDhcp, nameOfTftp } from './settings.ts';

/** What it comes to; each is left out when something that it needs was not measured. */
export type Summary = {
  /** Exchanges per second, ours ÷ dnsmasq's: the worse of the two that follow. */
  readonly dhcpToDnsmasq?: number;
  readonly dhcpReserved?: number;
  readonly dhcpRange?: number;
  /** Of the two ways to power on, the worse. */
  readonly burstLostCount?: number;
  readonly burstSeconds?: number;
  readonly rearmSeconds?: number;
  readonly rearmFileCount?: number;
  /** Bytes per second with a window of one block, ours ÷ those of the better other server. */
  readonly tftpSingle?: number;
  readonly tftpMany?: number;
  /** With a window of 16 blocks ÷ the better other server with a window of one. */
  readonly tftpSingleWindow?: number;
  readonly tftpManyWindow?: number;
  /** Which server is the better other one. */
  readonly tftpSingleBetter?: string;
  readonly tftpManyBetter?: string;
};

const own = 'scree';
const otherDhcp = 'dnsmasq';
const others = ['tftpd-hpa', 'dnsmasq'] as const;

export function summarize(
  medians: readonly Medians[],
  { machines, clients }: Pick<Options, 'machines' | 'clients'>,
): Summary {
  const of =
    (part: Medians['part'], setting: string, name: keyof Figures) =>
    (server: string): number | undefined =>
      figureOf(medians, { part, server, setting }, name);
  const [reserved, range] = dhcpKinds.map((kind) => {
    const rate = of('dhcp', nameOfDhcp({ kind, machines }), 'exchangesPerSecond');
    return ratio(rate(own), rate(otherDhcp));
  });
  const burst = (name: keyof Figures) => {
    const values = burstWays.map((how) => of('burst', nameOfBurst({ machines, how }), name)(own));
    return most(values.filter((value) => value !== undefined));
  };
  const rearm = (name: keyof Figures) => of('rearm', `${machines} nodes`, name)(own);
  const tftp = (count: number | undefined) => compareTftp(count ?? 0);
  const single = tftp(clients[0]);
  const many = tftp(clients.at(-1));
  return leaveOutUndefined({
    dhcpToDnsmasq: least(reserved, range),
    dhcpReserved: reserved,
    dhcpRange: range,
    burstLostCount: burst('lostCount'),
    burstSeconds: burst('lastBoundSeconds'),
    rearmSeconds: rearm('cliSeconds'),
    rearmFileCount: rearm('changedFileCount'),
    tftpSingle: single.plain,
    tftpMany: many.plain,
    tftpSingleWindow: single.windowed,
    tftpManyWindow: many.windowed,
    tftpSingleBetter: single.better,
    tftpManyBetter: many.better,
  });

  function compareTftp(count: number) {
    const rateOf = (windowBlocks: number, server: string) => {
      const setting = nameOfTftp({ clients: count, windowBlocks });
      return of('tftp', setting, 'megabytesPerSecond')(server);
    };
    const rates = others.flatMap((server) => {
      const rate = rateOf(1, server);
      return rate === undefined ? [] : [{ server, rate }];
    });
    const better = rates.toSorted((a, b) => b.rate - a.rate)[0];
    return {
      better: better?.server,
      plain: ratio(rateOf(1, own), better?.rate),
      windowed: ratio(rateOf(16, own), better?.rate),
    };
  }
}

function ratio(ours: number | undefined, theirs: number | undefined): number | undefined {
  return ours === undefined || !theirs ? undefined : ours / theirs;
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function most(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

function leaveOutUndefined(all: { readonly [Name in keyof Summary]: Summary[Name] | undefined }) {
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Summary;
}
