import { addressBits, formatAddress } from './address.ts';

/** Options by code, each with its bytes. */
export type DhcpOptions = ReadonlyMap<number, Buffer>;

/** The options that the programs speak of (RFC 2132, 3004, 3046, 3397, 3442, 4578, 5071). */
export const dhcpOptions = {
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  broadcastAddress: 28,
  ntp: 42,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseSeconds: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maximumSize: 57,
  renewal: 58,
  rebinding: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServerName: 66,
  bootfileName: 67,
  userClass: 77,
  relayAgent: 82,
  clientArchitecture: 93,
  clientInterface: 94,
  clientUuid: 97,
  domainSearch: 119,
  staticRoutes: 121,
  pxelinuxConfigFile: 209,
  pxelinuxPathPrefix: 210,
} as const;

/** The values of option 53. */
export const messageTypes = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** What every client takes: an IP packet of 576 bytes without the headers of IP and UDP. */
export const anyClientBytes = 548;
/** BOOTP has 64 bytes for options; many of its clients look at no more (RFC 1534). */
const bootpBytes = 300;
const headerBytes = 28;
const ethernetBytes = 1500;
const addressLength = 4;

/** Undefined when the option is missing or not 4 bytes long. */
export function readAddress(options: DhcpOptions, code: number): string | undefined {
  const bytes = bytesOfLength(options, code, addressLength);
  return bytes && formatAddress(bytes.readUInt32BE());
}

/** Undefined when the option is missing, empty or not a multiple of 4 bytes long. */
export function readAddresses(options: DhcpOptions, code: number): readonly string[] | undefined {
  const bytes = options.get(code);
  if (bytes === undefined || bytes.length === 0 || bytes.length % addressLength !== 0) {
    return undefined;
  }
  const starts = Array.from(
    { length: bytes.length / addressLength },
    (_, at) => at * addressLength,
  );
  return starts.map((start) => formatAddress(bytes.readUInt32BE(start)));
}

/** Without the NULs that some clients put at the end; undefined when missing or empty. */
export function readText(options: DhcpOptions, code: number): string | undefined {
  const text = options.get(code)?.toString('utf8').replace(/\0+$/, '');
  return text === '' ? undefined : text;
}

export function readUint8(options: DhcpOptions, code: number): number | undefined {
  return bytesOfLength(options, code, 1)?.readUInt8();
}

export function readUint16(options: DhcpOptions, code: number): number | undefined {
  return bytesOfLength(options, code, 2)?.readUInt16BE();
}

export function readUint32(options: DhcpOptions, code: number): number | undefined {
  return bytesOfLength(options, code, 4)?.readUInt32BE();
}

/** Throws AddressError. */
export function encodeAddress(address: string): Buffer {
  return encodeUint32(addressBits(address));
}

/** Throws AddressError. */
export function encodeAddresses(addresses: readonly string[]): Buffer {
  return Buffer.concat(addresses.map(encodeAddress));
}

export function encodeText(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

export function encodeUint8(value: number): Buffer {
  const bytes = Buffer.alloc(1);
  bytes.writeUInt8(value);
  return bytes;
}

export function encodeUint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * How long the answer to a packet with these options may be, without the headers of IP and UDP:
 * what the client allows by option 57, but no more than one Ethernet frame.
 */
export function replyLimitBytes(options: DhcpOptions): number {
  if (!options.has(dhcpOptions.messageType)) return bootpBytes;
  const asked = readUint16(options, dhcpOptions.maximumSize) ?? 0;
  return Math.max(anyClientBytes, Math.min(asked, ethernetBytes) - headerBytes);
}

function bytesOfLength(options: DhcpOptions, code: number, length: number): Buffer | undefined {
  const bytes = options.get(code);
  return bytes?.length === length ? bytes : undefined;
}
