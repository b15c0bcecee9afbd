import { type DhcpOptions, dhcpOptions, readText } from './options.ts';
import type { DhcpPacket } from './packet.ts';

/** What a client says of itself. Texts are for showing: no control characters, at most 255 long. */
export type DhcpClient = {
  readonly mac: string;
  /** Lower case, as SMBIOS tools show it (RFC 4122 text); undefined: none, or no machine's own. */
  readonly uuid?: string | undefined;
  readonly vendorClass?: string | undefined;
  /** Several ones (RFC 3004) with commas. */
  readonly userClass?: string | undefined;
  /** RFC 4578: 0 is x86 BIOS, 7 x64 UEFI, …; of several the first. */
  readonly architecture?: number | undefined;
  readonly kind: DhcpClientKind;
};

export type DhcpClientKind =
  | 'pxe'
  | 'http-boot'
  | 'ipxe'
  | 'open-firmware'
  | 'installer'
  | 'bootp'
  | 'other';

const openFirmwareArchitecture = 12;
/** Apple's firmware before BSDP says so in a BOOTP packet. */
const appleBootpOption = 221;
const appleBootpText = 'Apple MacNC';
const longestText = 255;

/** Who asks: the firmware, loader, installer or system that sent this packet. */
export function describeClient(packet: DhcpPacket): DhcpClient {
  const { options } = packet;
  const userClasses = readUserClasses(options.get(dhcpOptions.userClass));
  const said = {
    mac: packet.mac,
    uuid: readUuid(options.get(dhcpOptions.clientUuid)),
    vendorClass: showable(readText(options, dhcpOptions.vendorClass)),
    userClass: showable(userClasses.join(',')),
    architecture: readArchitecture(options.get(dhcpOptions.clientArchitecture)),
  };
  return { ...said, kind: chooseKind(options, { ...said, userClasses }) };
}

type Said = {
  readonly vendorClass: string | undefined;
  readonly userClasses: readonly string[];
  readonly architecture: number | undefined;
};

function chooseKind(options: DhcpOptions, said: Said): DhcpClientKind {
  const vendorClass = said.vendorClass ?? '';
  // Its ROM keeps the vendor class PXEClient.
  if (said.userClasses.includes('iPXE')) return 'ipxe';
  if (vendorClass.startsWith('HTTPClient')) return 'http-boot';
  if (vendorClass.startsWith('PXEClient')) return 'pxe';
  if (isOpenFirmware(options, said)) return 'open-firmware';
  if (vendorClass === 'd-i' || /^anaconda\b/i.test(vendorClass)) return 'installer';
  return options.has(dhcpOptions.messageType) ? 'other' : 'bootp';
}

function isOpenFirmware(options: DhcpOptions, said: Said): boolean {
  if (said.architecture === openFirmwareArchitecture) return true;
  if (said.vendorClass?.startsWith('AAPLBSDPC/ppc')) return true;
  if (readText(options, appleBootpOption)?.startsWith(appleBootpText)) return true;
  // SLOF says nothing of itself at first, but nobody else without a class asks for option 93.
  const isSilent = said.vendorClass === undefined && said.architecture === undefined;
  const asked = options.get(dhcpOptions.parameterList);
  return isSilent && asked?.includes(dhcpOptions.clientArchitecture) === true;
}

/**
 * The first three fields come with the low byte first, as they stand in SMBIOS. Nothing but zeros
 * or ones is what a machine says whose maker gave it no UUID.
 */
function readUuid(bytes: Buffer | undefined): string | undefined {
  if (bytes?.length !== 17 || bytes[0] !== 0) return undefined;
  const raw = bytes.subarray(1);
  if (raw.every((byte) => byte === 0) || raw.every((byte) => byte === 0xff)) return undefined;
  const turned = (start: number, end: number) =>
    Buffer.from(raw.subarray(start, end)).reverse().toString('hex');
  const plain = (start: number, end: number) => raw.toString('hex', start, end);
  return [turned(0, 4), turned(4, 6), turned(6, 8), plain(8, 10), plain(10, 16)].join('-');
}

/** RFC 3004 puts a length before each class; most clients send bare text. */
function readUserClasses(bytes: Buffer | undefined): readonly string[] {
  if (bytes === undefined || bytes.length === 0) return [];
  const classes: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes.readUInt8(at);
    if (end === at + 1 || end > bytes.length) return [withoutNuls(bytes.toString('utf8'))];
    classes.push(withoutNuls(bytes.toString('utf8', at + 1, end)));
    at = end;
  }
  return classes;
}

function readArchitecture(bytes: Buffer | undefined): number | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length % 2 !== 0) return undefined;
  return bytes.readUInt16BE();
}

function withoutNuls(text: string): string {
  return text.replace(/\0+$/, '');
}

function showable(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return text
    .slice(0, longestText)
    .replaceAll(/\p{Cc}/gu, '?')
    .toWellFormed();
}
