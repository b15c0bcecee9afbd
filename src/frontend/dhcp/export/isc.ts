import { formatAddress } from '../../../protocol/dhcp/address.ts';
import { type DhcpOptions, dhcpOptions } from '../../../protocol/dhcp/options.ts';
import type { MachineNode } from '../../nodes/types.ts';
import { boundsOf } from '../network.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import type { DhcpSettings } from '../types.ts';
import { type BootChoice, echoedClass } from './boot-choices.ts';
import type { BootCondition } from './boot-conditions.ts';
import {
  boots,
  type ExportDocument,
  exportNotes,
  hexWithColons,
  type NetworkOfExport,
  quoted,
} from './document.ts';
import { freeRanges } from './free-ranges.ts';

/** A `dhcpd.conf` for the ISC DHCP server 4. */
export function renderIsc({ settings, networks, guests, choices }: ExportDocument): string {
  const nodes = [...networks.flatMap((each) => each.nodes), ...guests];
  const booting = nodes.filter((node) => boots(node, settings));
  const others = nodes.filter((node) => !boots(node, settings));
  const lines = [
    ...exportNotes.map((note) => `# ${note}`),
    `# Start it for one interface: dhcpd ${settings.interface}`,
    'authoritative;',
    `server-identifier ${settings.address};`,
    ...definitions(settings, nodes),
    ...networks.flatMap((each) => ['', ...subnetLines(each, settings)]),
    '',
    'group {',
    ...indented(bootLines(choices)),
    ...indented(booting.flatMap(hostLines)),
    '}',
    ...others.flatMap(hostLines),
  ];
  return `${lines.join('\n')}\n`;
}

/** All codes get a name of their own, so that any bytes can be written. */
function definitions({ networks }: DhcpSettings, nodes: readonly MachineNode[]): readonly string[] {
  const maps = [...networks.map(networkOptions), ...nodes.map(nodeOptions)];
  const codes = new Set(maps.flatMap((options) => [...options.keys()]));
  codes.delete(dhcpOptions.subnetMask);
  return [
    'option scree-arch code 93 = unsigned integer 16;',
    ...[...codes]
      .sort((a, b) => a - b)
      .map((code) => `option scree-${code} code ${code} = string;`),
  ];
}

function subnetLines(part: NetworkOfExport, settings: DhcpSettings): readonly string[] {
  const { network } = part;
  const { first, mask } = boundsOf(network);
  const { leaseSeconds } = network;
  const deny = settings.unknown === 'address' ? [] : ['  deny unknown-clients;'];
  // It may give away what is somebody's as long as that machine is off.
  const ranges = freeRanges(part, settings).map(({ first, last }) => `  range ${first} ${last};`);
  const pool = ranges.length === 0 ? [] : ['pool {', ...deny, ...ranges, '}'];
  return [
    `subnet ${formatAddress(first)} netmask ${mask} {`,
    ...indented([
      `option subnet-mask ${mask};`,
      ...optionLines(networkOptions(network)),
      `default-lease-time ${leaseSeconds};`,
      `max-lease-time ${leaseSeconds};`,
      ...pool,
    ]),
    '}',
  ];
}

/** One for each MAC address. */
function hostLines(node: MachineNode): readonly string[] {
  return node.macs.flatMap((mac, at) => [
    `host ${at === 0 ? node.name : `${node.name}.${at}`} {`,
    ...indented([
      `hardware ethernet ${mac};`,
      ...(node.address === undefined ? [] : [`fixed-address ${node.address};`]),
      `option host-name ${quoted(node.name)};`,
      ...optionLines(nodeOptions(node)),
    ]),
    '}',
  ]);
}

function optionLines(options: DhcpOptions): readonly string[] {
  const written = [...options].filter(
    ([code, bytes]) => code !== dhcpOptions.subnetMask && bytes.length > 0,
  );
  return written.map(([code, bytes]) => `option scree-${code} ${hexWithColons(bytes)};`);
}

function bootLines(choices: readonly BootChoice[]): readonly string[] {
  const lines = choices.flatMap((choice, at) => [
    `${at === 0 ? 'if' : '} elsif'} ${testOf(choice)} {`,
    ...indented(choiceLines(choice)),
  ]);
  return choices.length === 0 ? [] : [...lines, '}'];
}

function choiceLines(choice: BootChoice): readonly string[] {
  if (choice.filename === '') return [];
  const echoed = echoedClass(choice);
  const echo = echoed === undefined ? [] : [`option vendor-class-identifier ${quoted(echoed)};`];
  const { nextServer, filename } = choice;
  return [`next-server ${nextServer};`, `filename ${quoted(filename)};`, ...echo];
}

function testOf({ conditions }: BootChoice): string {
  const [first, ...others] = conditions.map(expressionOf);
  if (first === undefined) return 'true';
  // Without the outer ones dhcpd takes the first pair for the whole.
  return others.length === 0 ? first : `((${[first, ...others].join(') and (')}))`;
}

function expressionOf(condition: BootCondition): string {
  switch (condition.kind) {
    case 'architectures':
      return anyOf(condition.values.map((value) => `option scree-arch = ${hexWord(value)}`));
    case 'no-architecture':
      return 'not exists scree-arch';
    case 'vendor-class': {
      const { prefix } = condition;
      return `substring(option vendor-class-identifier, 0, ${prefix.length}) = ${quoted(prefix)}`;
    }
    case 'user-class':
      return anyOf(userClassForms(condition.name).map((form) => `option user-class = ${form}`));
    case 'node':
      return anyOf(condition.macs.map((mac) => `hardware = 1:${mac}`));
    case 'bootp':
      return 'not exists dhcp-message-type';
    case 'not':
      return `not (${expressionOf(condition.of)})`;
  }
}

function anyOf(tests: readonly string[]): string {
  return tests.length === 1 ? tests.join('') : `(${tests.join(' or ')})`;
}

/** Bare as most clients send it, and with its length before it (RFC 3004). */
function userClassForms(name: string): readonly string[] {
  const bytes = Buffer.from(name);
  return [quoted(name), hexWithColons(Buffer.concat([Buffer.from([bytes.length]), bytes]))];
}

function hexWord(value: number): string {
  return hexWithColons(Buffer.from([value >>> 8, value & 0xff]));
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
