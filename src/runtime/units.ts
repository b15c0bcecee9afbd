import { ScreeError } from './errors.ts';

export class UnitError extends ScreeError<'not-a-size' | 'not-a-rate'> {}

const binary = new Map([
  ['', 1],
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
  ['T', 2 ** 40],
]);
const decimalBits = new Map([
  ['bit', 1 / 8],
  ['Kbit', 1e3 / 8],
  ['Mbit', 1e6 / 8],
  ['Gbit', 1e9 / 8],
]);

/** Bytes from a number of bytes or a text such as `256M` or `2G` (powers of 1024). */
export function parseSizeBytes(text: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:iB|B)?$/i.exec(String(text).trim());
  const factor = binary.get((match?.[2] ?? '').toUpperCase());
  if (match?.[1] === undefined || factor === undefined) {
    throw new UnitError('not-a-size', `expected a size such as 256M or 2G, got '${text}'`);
  }
  return Math.floor(Number(match[1]) * factor);
}

/** Bytes per second from a number of bytes per second or a text such as `900Mbit` or `10M`. */
export function parseRateBytesPerSecond(text: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?bit)$/i.exec(String(text).trim());
  if (match?.[1] === undefined || match[2] === undefined) return parsePlainRate(text);
  const unit = match[2].toLowerCase().replace(/^[kmg]/, (prefix) => prefix.toUpperCase());
  return Math.floor(Number(match[1]) * (decimalBits.get(unit) ?? 0));
}

function parsePlainRate(text: string | number): number {
  try {
    return parseSizeBytes(String(text).replace(/\/s$/, ''));
  } catch (cause) {
    throw new UnitError(
      'not-a-rate',
      `expected bytes per second or a rate such as 900Mbit, got '${text}'`,
      { cause },
    );
  }
}

/** A size for people: `0 B`, `5.1 MiB`. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** How long ago something was, for people: `3 min ago`, `2 days ago`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}
