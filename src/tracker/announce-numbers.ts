/** No one moves a pebibyte in one session: a larger figure is a client's mistake or a lie. */
const largestSumBytes = 2 ** 50;

export function readPort(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return value >= 1 && value <= 65_535 ? value : undefined;
}

/** A count of bytes as text or number; undefined for anything else. */
export function readByteCount(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d{1,16}$/.test(value)) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const count = Number(value);
  return Number.isInteger(count) && count >= 0 && count <= largestSumBytes ? count : undefined;
}
