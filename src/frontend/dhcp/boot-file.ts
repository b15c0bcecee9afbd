import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import type { MachineNode } from '../nodes/types.ts';
import { architectureOf, hasUserClass } from './client-kind.ts';
import type { BootFileRule, DhcpSettings } from './types.ts';

export type BootFile = { readonly nextServer: string; readonly filename: string };

/** Client architectures (RFC 4578, and IANA's list): option 93. */
const bios = 0;
const ia32Uefi = 6;
const x64Uefi = [7, 9];
const arm64Uefi = 11;
const openFirmware = 12;
const ia32Http = 15;
const x64Http = 16;
const arm64Http = 19;

const openFirmwareGrub = 'grub.elf';
/** SLOF takes a folder for a request to read `pxelinux.cfg/…` there by itself. */
const slofReadsItself = '/';

/**
 * What each firmware loads when the configuration says nothing else. The installer's own DHCP names
 * no architecture; it takes the filename for where its kickstart is.
 */
export const defaultBootFiles: readonly BootFileRule[] = [
  { clientKind: 'ipxe', filename: '{http}/boot/boot.ipxe' },
  // Not shim: the signed GRUB that it would start knows no HTTP, and stops at its prompt.
  { architectures: [ia32Http], filename: '{http}/boot/snponly-ia32.efi' },
  { architectures: [x64Http], filename: '{http}/boot/snponly.efi' },
  { architectures: [arm64Http], filename: '{http}/boot/snponly-arm64.efi' },
  { architectures: [bios], filename: 'pxelinux.0' },
  { architectures: x64Uefi, filename: 'shimx64.efi' },
  { architectures: [ia32Uefi], filename: 'shimia32.efi' },
  { architectures: [arm64Uefi], filename: 'shimaa64.efi' },
  { vendorClass: 'AAPLBSDPC/ppc', filename: 'yaboot' },
  { clientKind: 'open-firmware', filename: openFirmwareGrub },
  { architectures: [openFirmware], filename: openFirmwareGrub },
  { vendorClass: 'Etherboot', filename: 'pxelinux.0' },
  { clientKind: 'bootp', filename: 'pxelinux.0' },
  { vendorClass: 'd-i', filename: '{http}/install/sbin/kickstart.cgi' },
  { architectures: 'none', filename: '/install/sbin/kickstart.cgi' },
];

/**
 * Beside another server's addresses, UEFI loads iPXE: GRUB looks for its configuration where that
 * other server's answer sends it, and knows nothing of a proxy's.
 */
export const proxyBootFiles: readonly BootFileRule[] = [
  { clientKind: 'pxe', architectures: x64Uefi, filename: 'snponly.efi' },
  { clientKind: 'pxe', architectures: [ia32Uefi], filename: 'snponly-ia32.efi' },
  { clientKind: 'pxe', architectures: [arm64Uefi], filename: 'snponly-arm64.efi' },
  ...defaultBootFiles,
];

/** What the first rule that fits says; undefined when none does, or it says that there is none. */
export function chooseBootFile(
  client: DhcpClient,
  node: MachineNode | undefined,
  settings: Pick<DhcpSettings, 'address' | 'httpUrl' | 'bootFiles' | 'hasBootFile'>,
): BootFile | undefined {
  const rule = settings.bootFiles.find((each) => fits(each, client, node));
  if (rule === undefined || rule.filename === '') return undefined;
  const isLacking = () => settings.hasBootFile?.(openFirmwareGrub, node?.name) === false;
  const goesAlone = rule.filename === openFirmwareGrub && isSlof(client) && isLacking();
  const values: Readonly<Record<Placeholder, string>> = {
    server: settings.address,
    http: settings.httpUrl,
    mac: client.mac.replaceAll(':', '-'),
    node: node?.name ?? '',
  };
  return {
    nextServer: rule.nextServer ?? settings.address,
    filename: goesAlone ? slofReadsItself : fillIn(rule.filename, values),
  };
}

/** Apple's firmware says its class, and takes the name as it is. */
function isSlof({ kind, vendorClass }: DhcpClient): boolean {
  return kind === 'open-firmware' && vendorClass === undefined;
}

const placeholders = ['server', 'http', 'mac', 'node'] as const;
type Placeholder = (typeof placeholders)[number];

/** What is wrong with the braces in a rule's file, in words; undefined: nothing. */
export function unknownPlaceholder(filename: string): string | undefined {
  const known = placeholders.map((name) => `{${name}}`);
  const all = filename.match(/\{[^}]*\}?|\}/g) ?? [];
  const unknown = all.find((each) => !known.includes(each));
  return unknown && `expected one of ${known.join(', ')}, got '${unknown}'`;
}

/** A rule's file with what is known for its placeholders; others stay. */
export function fillIn(
  filename: string,
  values: Readonly<Partial<Record<Placeholder, string>>>,
): string {
  return placeholders.reduce((text, name) => {
    const value = values[name];
    return value === undefined ? text : text.replaceAll(`{${name}}`, () => value);
  }, filename);
}

function fits(rule: BootFileRule, client: DhcpClient, node: MachineNode | undefined): boolean {
  const { clientKind, vendorClass, userClass } = rule;
  if (clientKind !== undefined && client.kind !== clientKind) return false;
  if (vendorClass !== undefined && client.vendorClass?.startsWith(vendorClass) !== true) {
    return false;
  }
  if (userClass !== undefined && !hasUserClass(client, userClass)) return false;
  if (rule.node !== undefined && rule.node !== node?.name) return false;
  return fitsArchitecture(rule, architectureOf(client));
}

function fitsArchitecture({ architectures }: BootFileRule, architecture: number | undefined) {
  if (architectures === undefined) return true;
  if (architectures === 'none') return architecture === undefined;
  return architecture !== undefined && architectures.includes(architecture);
}
