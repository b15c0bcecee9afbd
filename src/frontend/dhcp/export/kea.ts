import { type DhcpOptions, dhcpOptions } from '../../../protocol/dhcp/options.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import {
  type BootChoice,
  type BootCondition,
  isHttpBoot,
  listBootChoices,
} from './boot-conditions.ts';
import { boots, type ExportDocument, exportNotes, type ReservedNode } from './document.ts';

const bootlessClass = 'scree-no-boot';

/** A `kea-dhcp4.conf`. */
export function renderKea({ settings, networks }: ExportDocument): string {
  const nodes = networks.flatMap((each) => each.nodes);
  const bootless = nodes.filter((node) => !boots(node, settings));
  const knownOnly = settings.unknown === 'address' ? {} : { 'client-class': 'KNOWN' };
  const document = {
    Dhcp4: {
      'interfaces-config': { interfaces: [settings.interface] },
      authoritative: true,
      // The interfaces of one node share its address.
      'ip-reservations-unique': nodes.every(({ macs }) => macs.length === 1),
      'client-classes': [
        { name: bootlessClass, test: anyMac(bootless) },
        ...listBootChoices(settings).map((choice, at) => bootClass(choice, { at, nodes })),
      ],
      subnet4: networks.map(({ network, nodes: reserved }, at) => ({
        id: at + 1,
        subnet: network.prefix,
        'valid-lifetime': network.leaseSeconds,
        'option-data': optionData(networkOptions(network)),
        pools: network.range
          ? [{ pool: `${network.range.first} - ${network.range.last}`, ...knownOnly }]
          : [],
        reservations: reserved.flatMap(reservations),
      })),
    },
  };
  const notes = exportNotes.map((note) => `// ${note}\n`).join('');
  return `${notes}${JSON.stringify(document, null, 2)}\n`;
}

/** In the order of the table: each is none of those before it. */
function bootClass(
  choice: BootChoice,
  { at, nodes }: { readonly at: number; readonly nodes: readonly ReservedNode[] },
) {
  const before = Array.from({ length: at }, (_, each) => `not member('scree-boot-${each}')`);
  const tests = choice.conditions.map((each) => `(${expressionOf(each, nodes)})`);
  const { nextServer, filename } = choice;
  const echo = { code: dhcpOptions.vendorClass, data: 'HTTPClient' };
  return {
    name: `scree-boot-${at}`,
    test: [...tests, `not member('${bootlessClass}')`, ...before].join(' and '),
    ...(filename === '' ? {} : { 'next-server': nextServer, 'boot-file-name': filename }),
    ...(isHttpBoot(choice) ? { 'option-data': [{ ...echo, 'always-send': true }] } : {}),
  };
}

function expressionOf(condition: BootCondition, nodes: readonly ReservedNode[]): string {
  switch (condition.kind) {
    case 'architectures':
      return condition.values.map((value) => `option[93].hex == ${hexWord(value)}`).join(' or ');
    case 'no-architecture':
      return 'not option[93].exists';
    case 'vendor-class':
      return `substring(option[60].hex, 0, ${condition.prefix.length}) == ${text(condition.prefix)}`;
    case 'user-class':
      return `option[77].hex == ${text(condition.name)}`;
    case 'node':
      return anyMac(nodes.filter(({ name }) => name === condition.name));
    case 'bootp':
      return 'not option[53].exists';
  }
}

function anyMac(nodes: readonly ReservedNode[]): string {
  const macs = nodes.flatMap((node) => node.macs);
  const tests = macs.map((mac) => `pkt4.mac == 0x${mac.replaceAll(':', '')}`);
  // No expression of Kea's is simply false.
  return tests.length === 0 ? 'pkt4.mac == 0x000000000000' : tests.join(' or ');
}

function reservations(node: ReservedNode) {
  const options = nodeOptions(node);
  return node.macs.map((mac) => ({
    'hw-address': mac,
    'ip-address': node.address,
    hostname: node.name,
    ...(options.size === 0 ? {} : { 'option-data': optionData(options) }),
  }));
}

function optionData(options: DhcpOptions) {
  // Kea derives the mask from the subnet.
  const written = [...options].filter(
    ([code, bytes]) => code !== dhcpOptions.subnetMask && bytes.length > 0,
  );
  return written.map(([code, bytes]) => ({
    code,
    'csv-format': false,
    data: bytes.toString('hex').toUpperCase(),
  }));
}

function hexWord(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

function text(value: string): string {
  return `'${value.replaceAll(/[\p{Cc}']/gu, '')}'`;
}
