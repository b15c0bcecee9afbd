const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** How many bytes `toNetascii` makes of these. */
export function netasciiLength(bytes: Buffer): number {
  let length = bytes.length;
  for (const byte of bytes) if (byte === lineFeed || byte === carriageReturn) length += 1;
  return length;
}

/**
 * Text as RFC 764 has it on the wire: a line feed becomes CR LF, a carriage return CR NUL. Each
 * byte is converted by itself, so a file may be converted in parts.
 */
export function toNetascii(bytes: Buffer): Buffer {
  const converted = Buffer.allocUnsafe(netasciiLength(bytes));
  let at = 0;
  for (const byte of bytes) {
    if (byte === lineFeed) converted[at++] = carriageReturn;
    converted[at++] = byte;
    if (byte === carriageReturn) converted[at++] = 0;
  }
  return converted;
}
