import { ScreeError } from '../../runtime/errors.ts';
import { addressBits, formatAddress, formatMac, macBytes } from './address.ts';
import { collectOptions, writeOptions } from './option-area.ts';
import { anyClientBytes, type DhcpOptions, dhcpOptions, encodeText } from './options.ts';

export class DhcpError extends ScreeError<'malformed' | 'bad-option'> {}

export type DhcpPacket = {
  readonly op: 'request' | 'reply';
  /** ARP hardware type; 1 is Ethernet. */
  readonly hardwareType: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  readonly broadcast: boolean;
  /** IPv4 in dotted form; 0.0.0.0 where empty. */
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** Lower case, colons, as long as hlen says (6 bytes for Ethernet). */
  readonly mac: string;
  /** The fixed fields; '' where empty or overloaded. */
  readonly sname: string;
  readonly file: string;
  /** By code, parts joined (RFC 3396), without pad, end and overload. */
  readonly options: DhcpOptions;
};

const field = {
  flags: 10,
  ciaddr: 12,
  yiaddr: 16,
  siaddr: 20,
  giaddr: 24,
  mac: 28,
  sname: 44,
  file: 108,
  cookie: 236,
  options: 240,
} as const;
const cookie = 0x6382_5363;
const longestMac = 16;
const snameBytes = 64;
const fileBytes = 128;
const broadcastFlag = 0x8000;
/** BOOTP's length; relays take none that is shorter (RFC 1542). */
const shortestPacket = 300;
/** No client, relay or server says that much; the work that one packet can make has an end. */
const longestPacket = 4096;
const noBytes = Buffer.alloc(0);

/**
 * Takes a packet of a client, relay or server apart (RFC 2131, 2132, 3396); a BOOTP packet without
 * the cookie has no options. Nothing of the result lies in the memory of `bytes`. Throws DhcpError
 * `malformed`, and nothing else.
 */
export function decodeDhcp(bytes: Buffer): DhcpPacket {
  if (bytes.length < field.cookie) {
    throw malformed(`at least ${field.cookie} bytes`, `${bytes.length}`);
  }
  if (bytes.length > longestPacket) {
    throw malformed(`at most ${longestPacket} bytes`, `${bytes.length}`);
  }
  const packet = Buffer.from(bytes);
  const { options, overload } = decodeOptions(packet);
  return {
    op: decodeOp(packet.readUInt8(0)),
    hardwareType: packet.readUInt8(1),
    hops: packet.readUInt8(3),
    xid: packet.readUInt32BE(4),
    secs: packet.readUInt16BE(8),
    broadcast: (packet.readUInt16BE(field.flags) & broadcastFlag) !== 0,
    ciaddr: formatAddress(packet.readUInt32BE(field.ciaddr)),
    yiaddr: formatAddress(packet.readUInt32BE(field.yiaddr)),
    siaddr: formatAddress(packet.readUInt32BE(field.siaddr)),
    giaddr: formatAddress(packet.readUInt32BE(field.giaddr)),
    mac: decodeMac(packet),
    sname: overload & 2 ? '' : decodeName(packet.subarray(field.sname, field.file)),
    file: overload & 1 ? '' : decodeName(packet.subarray(field.file, field.cookie)),
    options,
  };
}

/**
 * A packet of at least 300 bytes and at most `maximumBytes`, without the headers of IP and UDP;
 * `replyLimitBytes` tells what a client takes. The first options of the map count most: what does
 * not fit goes to `file` and `sname` (option 52) if those are empty and this is no BOOTP, else it
 * is left out. A `file` or `sname` too long for its field becomes option 67 or 66. Throws
 * AddressError.
 */
export function encodeDhcp(packet: DhcpPacket, maximumBytes: number = anyClientBytes): Buffer {
  const { sname, file, options } = moveLongNames(packet);
  const bytes = Buffer.alloc(Math.max(maximumBytes, shortestPacket));
  writeFields(bytes, packet);
  bytes.set(sname, field.sname);
  bytes.set(file, field.file);
  bytes.writeUInt32BE(cookie, field.cookie);
  const isDhcp = options.has(dhcpOptions.messageType);
  const areaIf = (isFree: boolean, start: number, end: number) =>
    bytes.subarray(start, isFree ? end : start);
  const mainBytes = writeOptions(options, {
    main: bytes.subarray(field.options),
    file: areaIf(isDhcp && file.length === 0, field.file, field.cookie),
    sname: areaIf(isDhcp && sname.length === 0, field.sname, field.file),
  });
  return bytes.subarray(0, Math.max(shortestPacket, field.options + mainBytes));
}

function decodeOptions(packet: Buffer): { options: DhcpOptions; overload: number } {
  const isBare = packet.length < field.options || packet.readUInt32BE(field.cookie) !== cookie;
  if (isBare) return { options: new Map(), overload: 0 };
  const found = new Map<number, Buffer[]>();
  collect(packet.subarray(field.options), found);
  const overload = decodeOverload(found.get(dhcpOptions.overload));
  if (overload & 1) collect(packet.subarray(field.file, field.cookie), found);
  if (overload & 2) collect(packet.subarray(field.sname, field.file), found);
  found.delete(dhcpOptions.overload);
  const options = new Map<number, Buffer>();
  for (const [code, parts] of found) options.set(code, join(parts));
  return { options, overload };
}

function collect(area: Buffer, found: Map<number, Buffer[]>): void {
  const fault = collectOptions(area, found);
  if (fault !== undefined) throw malformed('whole options', fault);
}

function decodeOverload(parts: readonly Buffer[] | undefined): number {
  if (parts === undefined) return 0;
  const bytes = join(parts);
  const [overload = 0] = bytes;
  if (bytes.length === 1 && overload >= 1 && overload <= 3) return overload;
  throw malformed('1, 2 or 3 as option 52', `'${bytes.toString('hex', 0, 8)}'`);
}

function join(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return parts.length === 1 && first ? first : Buffer.concat(parts);
}

function decodeOp(op: number): DhcpPacket['op'] {
  if (op !== 1 && op !== 2) throw malformed('operation 1 or 2', `${op}`);
  return op === 1 ? 'request' : 'reply';
}

function decodeMac(packet: Buffer): string {
  const length = packet.readUInt8(2);
  if (length === 0 || length > longestMac) {
    throw malformed(`a hardware address of 1 to ${longestMac} bytes`, `${length}`);
  }
  return formatMac(packet.subarray(field.mac, field.mac + length));
}

function decodeName(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function moveLongNames(packet: DhcpPacket) {
  const file = encodeText(packet.file);
  const sname = encodeText(packet.sname);
  if (file.length < fileBytes && sname.length < snameBytes) {
    return { file, sname, options: packet.options };
  }
  const moved = new Map<number, Buffer>();
  if (file.length >= fileBytes) moved.set(dhcpOptions.bootfileName, file);
  if (sname.length >= snameBytes) moved.set(dhcpOptions.tftpServerName, sname);
  return {
    file: file.length < fileBytes ? file : noBytes,
    sname: sname.length < snameBytes ? sname : noBytes,
    // The packet's own 66 and 67, if it has them, are what is meant.
    options: new Map([...moved, ...packet.options]),
  };
}

function writeFields(bytes: Buffer, packet: DhcpPacket): void {
  const mac = macBytes(packet.mac);
  bytes.writeUInt8(packet.op === 'request' ? 1 : 2, 0);
  bytes.writeUInt8(packet.hardwareType, 1);
  bytes.writeUInt8(mac.length, 2);
  bytes.writeUInt8(packet.hops, 3);
  bytes.writeUInt32BE(packet.xid, 4);
  bytes.writeUInt16BE(packet.secs, 8);
  bytes.writeUInt16BE(packet.broadcast ? broadcastFlag : 0, field.flags);
  bytes.writeUInt32BE(addressBits(packet.ciaddr), field.ciaddr);
  bytes.writeUInt32BE(addressBits(packet.yiaddr), field.yiaddr);
  bytes.writeUInt32BE(addressBits(packet.siaddr), field.siaddr);
  bytes.writeUInt32BE(addressBits(packet.giaddr), field.giaddr);
  bytes.set(mac, field.mac);
}

function malformed(expected: string, got: string): DhcpError {
  return new DhcpError('malformed', `expected a DHCP packet with ${expected}, got ${got}`);
}
