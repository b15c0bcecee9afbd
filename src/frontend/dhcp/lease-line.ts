import { crc32 } from 'node:zlib';
import { parseAddress } from '../../protocol/dhcp/address.ts';
import type { Lease } from './lease.ts';

/** One line of the journal: a checksum, then what is known of one address from now on. */
export function encodeLeaseLine({ address, holder, mac, state, untilMs }: Lease): string {
  const text = [state, address, untilMs, mac, holder].join(' ');
  return `${checksumOf(text)} ${text}\n`;
}

export type LeaseLines = {
  /** By the order of the lines; the last one of an address counts. */
  readonly leases: readonly Lease[];
  /** Lines that are not what was written, a line that was cut off among them. */
  readonly damagedCount: number;
};

export function decodeLeaseLines(text: string): LeaseLines {
  const lines = text.split('\n').filter((line) => line !== '');
  const leases = lines.flatMap((line) => decodeLine(line) ?? []);
  return { leases, damagedCount: lines.length - leases.length };
}

function decodeLine(line: string): Lease | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksumOf(text)} `) return undefined;
  const [state, address = '', until, mac, holder, ...more] = text.split(' ');
  const untilMs = Number(until);
  const isWhole = mac !== undefined && holder !== undefined && more.length === 0;
  if (!isKeptState(state) || !isWhole || !Number.isSafeInteger(untilMs)) return undefined;
  return parseAddress(address) === undefined ? undefined : { address, holder, mac, state, untilMs };
}

function isKeptState(text: string | undefined): text is Exclude<Lease['state'], 'offered'> {
  return text === 'bound' || text === 'released' || text === 'declined';
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
