import { printable } from '../runtime/printable.ts';
import { normalizeAddress } from './address.ts';
import { readByteCount, readPort } from './announce-numbers.ts';

/** What our agents tell beside an announce: from whom they got what, and whom they dropped. */
export type AnnounceReport = {
  /** Another one than the last; the same number is the same report, sent again. */
  readonly number: number;
  readonly sources: readonly (ReportedPeer & { readonly sizeBytes: number })[];
  readonly offenders: readonly (ReportedPeer & { readonly reason: string })[];
};

export type ReportedPeer = { readonly address: string; readonly port: number };

const mostSources = 64;
const mostOffenders = 8;
const longestReason = 100;

/** Undefined where there is none; entries that say nothing are left out. */
export function readReport(params: Readonly<Record<string, unknown>>): AnnounceReport | undefined {
  const number = readPort(Number(params.scree_report));
  if (number === undefined) return undefined;
  return {
    number,
    sources: entriesOf(params.scree_sources, mostSources).flatMap(({ peer, rest }) => {
      const sizeBytes = readByteCount(rest);
      return sizeBytes === undefined ? [] : [{ ...peer, sizeBytes }];
    }),
    offenders: entriesOf(params.scree_offenders, mostOffenders).map(({ peer, rest }) => ({
      ...peer,
      reason: printable(rest).slice(0, longestReason),
    })),
  };
}

/** `host:port=rest,host:port=rest`; IPv6 without brackets, no comma in `rest`. */
function entriesOf(value: unknown, most: number) {
  if (typeof value !== 'string') return [];
  return value.split(',', most).flatMap((entry) => {
    const [, host, portText, rest = ''] = /^([0-9a-f.:]{2,45}):(\d{1,5})=(.+)$/s.exec(entry) ?? [];
    const address = normalizeAddress(host);
    const port = readPort(Number(portText));
    return address === undefined || port === undefined ? [] : [{ peer: { address, port }, rest }];
  });
}
