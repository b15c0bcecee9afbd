import { ScreeError } from '../../runtime/errors.ts';

/**
 * TFTP datagrams (RFC 1350) with options (RFC 2347). Names of options and modes are lower case
 * here; on the wire their case does not matter.
 */
export type TftpPacket =
  | TftpRequest
  | { readonly kind: 'data'; readonly block: number; readonly bytes: Buffer }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: TftpOptions };

export type TftpRequest = {
  readonly kind: 'read' | 'write';
  /** As it came: it may be absolute, or lead anywhere. */
  readonly path: string;
  /** `octet`, `netascii`, or whatever else came. */
  readonly mode: string;
  readonly options: TftpOptions;
};

/** By name, in the order in which they came; of an option that came twice, the first. */
export type TftpOptions = ReadonlyMap<string, string>;

export class TftpError extends ScreeError<'malformed'> {}

export const tftpErrorCodes = {
  undefined: 0,
  notFound: 1,
  notAllowed: 2,
  illegalOperation: 4,
  optionsRefused: 8,
} as const;

const opcodes = { read: 1, write: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;
export const headerBytes = 4;
const maximumBlockBytes = 65_464;
/** Four times what RFC 2347 allows a request. */
const maximumRequestBytes = 2_048;
const maximumPathBytes = 512;
const maximumOptions = 16;
/** Of a mode, of an option's name or value, and of a message that comes in. */
const maximumWordBytes = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws TftpError `malformed` for what is none. A block's bytes stay where they are. */
export function decodeTftp(datagram: Buffer): TftpPacket {
  if (datagram.length < headerBytes) throw malformed(`${datagram.length} bytes`);
  const opcode = datagram.readUInt16BE(0);
  switch (opcode) {
    case opcodes.ack:
      return { kind: 'ack', block: datagram.readUInt16BE(2) };
    case opcodes.read:
      return decodeRequest('read', datagram);
    case opcodes.write:
      return decodeRequest('write', datagram);
    case opcodes.data:
      return decodeData(datagram);
    case opcodes.error:
      return decodeError(datagram);
    case opcodes.oack:
      return { kind: 'oack', options: decodeOptions(splitWords(datagram, 2)) };
    default:
      throw malformed(`opcode ${opcode}`);
  }
}

/** Undefined for what is none. */
export function tryDecodeTftp(datagram: Buffer): TftpPacket | undefined {
  try {
    return decodeTftp(datagram);
  } catch (error) {
    if (error instanceof TftpError) return undefined;
    throw error;
  }
}

/** The inverse of decodeTftp; `block` counts modulo 65,536. */
export function encodeTftp(packet: TftpPacket): Buffer {
  switch (packet.kind) {
    case 'read':
    case 'write':
      return encodeWords(opcodes[packet.kind], [packet.path, packet.mode, ...flat(packet.options)]);
    case 'oack':
      return encodeWords(opcodes.oack, flat(packet.options));
    case 'data':
      return encodeData(packet.block, packet.bytes);
    case 'ack':
      return header(opcodes.ack, packet.block);
    case 'error':
      return Buffer.concat([header(opcodes.error, packet.code), encodeText(packet.message)]);
  }
}

function encodeData(block: number, bytes: Buffer): Buffer {
  const datagram = Buffer.allocUnsafe(headerBytes + bytes.length);
  writeDataHeader(datagram, block);
  datagram.set(bytes, headerBytes);
  return datagram;
}

/** Before the bytes of a block that lie in the datagram already; `block` counts modulo 65,536. */
export function writeDataHeader(datagram: Buffer, block: number): void {
  datagram.writeUInt32BE(opcodes.data * 0x1_0000 + (block & 0xffff), 0);
}

function decodeRequest(kind: 'read' | 'write', datagram: Buffer): TftpRequest {
  const [path, mode, ...rest] = splitWords(datagram, 2);
  if (path === undefined || path.length === 0 || path.length > maximumPathBytes) {
    throw malformed(`a file name of ${path?.length ?? 0} bytes`);
  }
  if (mode === undefined) throw malformed('a request without a mode');
  return { kind, path: text(path), mode: word(mode).toLowerCase(), options: decodeOptions(rest) };
}

function decodeData(datagram: Buffer): TftpPacket {
  const bytes = datagram.subarray(headerBytes);
  if (bytes.length > maximumBlockBytes) throw malformed(`a block of ${bytes.length} bytes`);
  return { kind: 'data', block: datagram.readUInt16BE(2), bytes };
}

/** Some loaders leave out the message, or its end. */
function decodeError(datagram: Buffer): TftpPacket {
  const end = datagram.indexOf(0, headerBytes);
  const bytes = datagram.subarray(headerBytes, end < 0 ? undefined : end);
  const message = bytes.toString('latin1', 0, maximumWordBytes).replaceAll(/[^\x20-\x7e]/g, '?');
  return { kind: 'error', code: datagram.readUInt16BE(2), message };
}

function decodeOptions(words: readonly Buffer[]): TftpOptions {
  // Firmware that sends a fixed length fills it with zeros.
  const padding = words.findIndex((each, index) => index % 2 === 0 && each.length === 0);
  const meant = padding < 0 ? words : words.slice(0, padding);
  if (words.slice(meant.length).some((each) => each.length > 0)) throw malformed('an empty option');
  if (meant.length % 2 !== 0) throw malformed('an option without a value');
  if (meant.length > maximumOptions * 2) throw malformed(`${meant.length / 2} options`);
  const options = new Map<string, string>();
  for (let index = 0; index < meant.length; index += 2) {
    const name = word(meant[index]).toLowerCase();
    if (!options.has(name)) options.set(name, word(meant[index + 1]));
  }
  return options;
}

/** What stands between the zero bytes from `start` on; the last byte has to be one of them. */
function splitWords(datagram: Buffer, start: number): Buffer[] {
  if (datagram.length > maximumRequestBytes) throw malformed(`${datagram.length} bytes of text`);
  if (datagram[datagram.length - 1] !== 0) throw malformed('a text without an end');
  const words: Buffer[] = [];
  for (let from = start; from < datagram.length; ) {
    const end = datagram.indexOf(0, from);
    words.push(datagram.subarray(from, end));
    from = end + 1;
  }
  return words;
}

function word(bytes: Buffer | undefined): string {
  if (bytes === undefined || bytes.length > maximumWordBytes) {
    throw malformed(`a word of ${bytes?.length ?? 0} bytes`);
  }
  return text(bytes);
}

function text(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('a text that is not UTF-8');
  }
}

function flat(options: TftpOptions): string[] {
  return [...options].flat();
}

function encodeWords(opcode: number, words: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([0, opcode]), ...words.map(encodeText)]);
}

/** A zero byte would end the text early. */
function encodeText(value: string): Buffer {
  return Buffer.from(`${value.replaceAll('\0', '')}\0`);
}

function header(opcode: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes);
  bytes.writeUInt16BE(opcode, 0);
  bytes.writeUInt16BE(value & 0xffff, 2);
  return bytes;
}

function malformed(what: string): TftpError {
  return new TftpError('malformed', `expected a TFTP packet (RFC 1350, 2347), got ${what}`);
}
