import { isIPv4 } from 'node:net';

export const addressBytes = 16;

const groupCount = 8;
const mappedGroup = 0xffff;

/**
 * Writes an IP address, as normalizeAddress makes it, as 16 bytes; an IPv4 one as IPv6 has it
 * (RFC 4291, 2.5.5.2).
 */
export function writeAddress(target: Uint8Array, offset: number, address: string): void {
  target.fill(0, offset, offset + addressBytes);
  if (isIPv4(address)) {
    target[offset + 10] = 0xff;
    target[offset + 11] = 0xff;
    writeIpv4(target, offset + 12, address);
  } else {
    writeIpv6(target, offset, address);
  }
}

export function isIpv4At(source: Uint8Array, offset: number): boolean {
  if (((source[offset + 10] ?? 0) << 8) + (source[offset + 11] ?? 0) !== mappedGroup) return false;
  for (let index = 0; index < 10; index += 1) if (source[offset + index] !== 0) return false;
  return true;
}

/** The address as normalizeAddress would have it. */
export function readAddress(source: Uint8Array, offset: number): string {
  if (isIpv4At(source, offset)) return source.subarray(offset + 12, offset + 16).join('.');
  const groups = Array.from({ length: groupCount }, (_, index) => {
    const at = offset + index * 2;
    return (((source[at] ?? 0) << 8) | (source[at + 1] ?? 0)).toString(16);
  });
  return shorten(groups);
}

function writeIpv4(target: Uint8Array, offset: number, address: string): void {
  let at = offset;
  let value = 0;
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    if (code !== 0x2e) {
      value = value * 10 + code - 0x30;
      continue;
    }
    target[at] = value;
    at += 1;
    value = 0;
  }
  target[at] = value;
}

function writeIpv6(target: Uint8Array, offset: number, address: string): void {
  const [head = '', tail] = address.split('::');
  const start = groupsOf(head);
  const end = groupsOf(tail ?? '');
  for (const [index, byte] of start.entries()) target[offset + index] = byte;
  for (const [index, byte] of end.entries()) {
    target[offset + addressBytes - end.length + index] = byte;
  }
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}

/** The longest run of zeros, the first of several, becomes `::` (RFC 5952). */
function shorten(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length === 1) return groups.join(':');
  const head = groups.slice(0, best.start).join(':');
  return `${head}::${groups.slice(best.start + best.length).join(':')}`;
}
