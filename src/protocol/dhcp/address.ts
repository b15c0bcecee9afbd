import { ScreeError } from '../../runtime/errors.ts';

export class AddressError extends ScreeError<'bad-address' | 'bad-mac'> {}

const dotted = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
/** As long as the hardware address field of a DHCP packet. */
const macPattern = /^[0-9a-f]{2}(?::[0-9a-f]{2}){0,15}$/i;

/** The 32 bits of an IPv4 address in dotted form, as a number from 0; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const match = dotted.exec(text);
  if (match === null) return undefined;
  const [first, second, third, fourth] = [
    Number(match[1]),
    Number(match[2]),
    Number(match[3]),
    Number(match[4]),
  ];
  if (first > 255 || second > 255 || third > 255 || fourth > 255) return undefined;
  return ((first * 256 + second) * 256 + third) * 256 + fourth;
}

/** The dotted form of 32 bits. */
export function formatAddress(address: number): string {
  const byteAt = (shift: number) => (address >>> shift) & 0xff;
  return `${byteAt(24)}.${byteAt(16)}.${byteAt(8)}.${byteAt(0)}`;
}

/** The 32 bits of an IPv4 address in dotted form. Throws AddressError `bad-address`. */
export function addressBits(text: string): number {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new AddressError(
    'bad-address',
    `expected an IPv4 address such as 10.1.1.1, got '${text.slice(0, 100)}'`,
  );
}

/** Lower case, with colons. */
export function formatMac(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/..(?=.)/g, '$&:');
}

/** 1 to 16 bytes from hex with colons. Throws AddressError `bad-mac`. */
export function macBytes(text: string): Buffer {
  if (macPattern.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex');
  throw new AddressError(
    'bad-mac',
    `expected a MAC address such as 52:54:00:12:34:56, got '${text.slice(0, 100)}'`,
  );
}
