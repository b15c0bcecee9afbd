/** A time of seven bytes (ECMA-119, 9.1.5), in milliseconds since 1970; 0 for one not given. */
export function parseShortTime(bytes: Buffer): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = bytes;
  if (month === 0) return 0;
  const localMs = Date.UTC(1900 + year, month - 1, day, hour, minute, second);
  return localMs - offsetMs(bytes[6]);
}

/** A time of 16 digits and an offset (ECMA-119, 8.4.26.1), in milliseconds since 1970; 0 as above. */
export function parseLongTime(bytes: Buffer): number {
  const digits = bytes.toString('latin1', 0, 16);
  const numbers = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
    .exec(digits)
    ?.slice(1)
    .map(Number);
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0, hundredths = 0] =
    numbers ?? [];
  if (month === 0) return 0;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, hundredths * 10);
  return localMs - offsetMs(bytes[16]);
}

/** Signed, in steps of 15 minutes east of Greenwich. */
function offsetMs(byte: number | undefined): number {
  return (((byte ?? 0) << 24) >> 24) * 15 * 60_000;
}
