import { type DhcpOptions, dhcpOptions } from '../../../protocol/dhcp/options.ts';
import type { MachineNode } from '../../nodes/types.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import { type BootChoice, echoedClass } from './boot-choices.ts';
import type { BootCondition } from './boot-conditions.ts';
import { boots, type ExportDocument, exportNotes } from './document.ts';
import { freeRanges } from './free-ranges.ts';

const bootlessClass = 'scree-no-boot';

const keaNote =
  'Kea does not ask whether an address is in use, and answers BOOTP only with a hook library.';

/** A `kea-dhcp4.conf`. */
export function renderKea({ settings, networks, guests, choices }: ExportDocument): string {
  const nodes = [...networks.flatMap((each) => each.nodes), ...guests];
  const bootless = nodes.filter((node) => !boots(node, settings));
  const takesAnyone = settings.unknown === 'address';
  const knownOnly = takesAnyone ? {} : { 'client-class': 'KNOWN' };
  // Where unknown machines are answered, they are not to boot.
  const required = [...(takesAnyone ? ["member('KNOWN')"] : []), `not member('${bootlessClass}')`];
  const document = {
    Dhcp4: {
      'interfaces-config': { interfaces: [settings.interface] },
      authoritative: true,
      // Else it takes the bytes apart by a definition of its own, and sends none of them.
      'option-def': [{ name: 'scree-43', code: dhcpOptions.vendorSpecific, type: 'binary' }],
      // The interfaces of one node share its address.
      'ip-reservations-unique': nodes.every(({ macs }) => macs.length === 1),
      'client-classes': [
        { name: bootlessClass, test: anyMac(bootless.flatMap(({ macs }) => macs)) },
        ...choices.map((choice, at) => bootClass(choice, { at, required })),
      ],
      subnet4: networks.map((part, at) => ({
        id: at + 1,
        subnet: part.network.prefix,
        'valid-lifetime': part.network.leaseSeconds,
        'option-data': optionData(networkOptions(part.network)),
        pools: freeRanges(part, settings).map(({ first, last }) => ({
          pool: `${first} - ${last}`,
          ...knownOnly,
        })),
        reservations: [...part.nodes, ...guests].flatMap(reservations),
      })),
    },
  };
  const notes = [...exportNotes, keaNote].map((note) => `// ${note}\n`).join('');
  return `${notes}${JSON.stringify(document, null, 2)}\n`;
}

/** In the order of the table: each is none of those before it. */
function bootClass(
  choice: BootChoice,
  { at, required }: { readonly at: number; readonly required: readonly string[] },
) {
  const before = Array.from({ length: at }, (_, each) => `not member('scree-boot-${each}')`);
  const tests = choice.conditions.map((each) => `(${expressionOf(each)})`);
  const { nextServer, filename } = choice;
  const echoed = echoedClass(choice);
  const echo = { code: dhcpOptions.vendorClass, data: echoed, 'always-send': true };
  return {
    name: `scree-boot-${at}`,
    test: [...tests, ...required, ...before].join(' and '),
    ...(filename === '' ? {} : { 'next-server': nextServer, 'boot-file-name': filename }),
    ...(echoed === undefined ? {} : { 'option-data': [echo] }),
  };
}

function expressionOf(condition: BootCondition): string {
  switch (condition.kind) {
    case 'architectures':
      return condition.values.map((value) => `option[93].hex == ${hexWord(value)}`).join(' or ');
    case 'no-architecture':
      return 'not option[93].exists';
    case 'vendor-class':
      return `substring(option[60].hex, 0, ${condition.prefix.length}) == ${text(condition.prefix)}`;
    case 'user-class':
      return userClassForms(condition.name)
        .map((form) => `option[77].hex == ${form}`)
        .join(' or ');
    case 'node':
      return anyMac(condition.macs);
    case 'bootp':
      return 'not option[53].exists';
    case 'not':
      return `not (${expressionOf(condition.of)})`;
  }
}

/** Bare as most clients send it, and with its length before it (RFC 3004). */
function userClassForms(name: string): readonly string[] {
  const bytes = Buffer.from(name);
  const counted = Buffer.concat([Buffer.from([bytes.length]), bytes]);
  return [text(name), `0x${counted.toString('hex')}`];
}

function anyMac(macs: readonly string[]): string {
  const tests = macs.map((mac) => `pkt4.mac == 0x${mac.replaceAll(':', '')}`);
  // No expression of Kea's is simply false.
  return tests.length === 0 ? 'pkt4.mac == 0x000000000000' : tests.join(' or ');
}

function reservations(node: MachineNode) {
  const options = nodeOptions(node);
  return node.macs.map((mac) => ({
    'hw-address': mac,
    ...(node.address === undefined ? {} : { 'ip-address': node.address }),
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

/** Its quotes take no quote. */
function text(value: string): string {
  return /^[^\p{Cc}']*$/u.test(value) ? `'${value}'` : `0x${Buffer.from(value).toString('hex')}`;
}
