import { optionTypeOf } from '../../../protocol/dhcp/option-types.ts';
import { readAddresses } from '../../../protocol/dhcp/options.ts';
import { hexWithColons, quoted } from './document.ts';

// As dnsmasq 2.90 knows them (`dnsmasq --help dhcp`): these values have one form only. A number of
// an option that it does not know would lose its leading zeros.
const texts: ReadonlySet<number> = new Set([12, 15, 17, 18, 40, 64, 66, 67, 100, 101]);
const numbers: ReadonlySet<number> = new Set([13, 22, 26, 35, 38, 58, 59, 108]);
const pairsOfAddresses: ReadonlySet<number> = new Set([21, 33]);

/** No line of dnsmasq's takes more. */
export const longestDnsmasqOption = 255;

/** The value of an option in a line of dnsmasq's; empty: the option is not sent. */
export function renderDnsmasqOption(code: number, bytes: Buffer): string {
  if (texts.has(code)) return quoted(bytes.toString('utf8'));
  if (numbers.has(code)) return readNumber(bytes);
  const type = optionTypeOf(code);
  if (type === 'domains') return readDomains(bytes).join(',');
  if (type === 'address' || type === 'addresses' || pairsOfAddresses.has(code)) {
    return readAddresses(new Map([[code, bytes]]), code)?.join(',') ?? '';
  }
  // It needs a colon to see that it is hex, and takes a single number for a byte.
  return bytes.length === 1 ? String(bytes[0]) : hexWithColons(bytes);
}

function readNumber(bytes: Buffer): string {
  return bytes.length >= 1 && bytes.length <= 4 ? String(bytes.readUIntBE(0, bytes.length)) : '';
}

/** Names of labels with their lengths before them (RFC 1035); without what is cut off. */
function readDomains(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt8(at);
    if (length === 0) names.push(labels.join('.'));
    labels = length === 0 ? [] : [...labels, bytes.toString('latin1', at + 1, at + 1 + length)];
    at += 1 + length;
  }
  return names.filter((name) => /^[\w.-]+$/.test(name));
}
