import { formatAddress } from '../../../protocol/dhcp/address.ts';
import { type DhcpOptions, dhcpOptions } from '../../../protocol/dhcp/options.ts';
import { boundsOf } from '../network.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import type { DhcpNetwork, DhcpSettings } from '../types.ts';
import {
  type BootChoice,
  type BootCondition,
  isHttpBoot,
  listBootChoices,
} from './boot-conditions.ts';
import {
  boots,
  type ExportDocument,
  exportNotes,
  hexWithColons,
  quoted,
  type ReservedNode,
} from './document.ts';

/** A `dhcpd.conf` for the ISC DHCP server 4. */
export function renderIsc({ settings, networks }: ExportDocument): string {
  const nodes = networks.flatMap((each) => each.nodes);
  const booting = nodes.filter((node) => boots(node, settings));
  const others = nodes.filter((node) => !boots(node, settings));
  const lines = [
    ...exportNotes.map((note) => `# ${note}`),
    `# Start it for one interface: dhcpd ${settings.interface}`,
    'authoritative;',
    `server-identifier ${settings.address};`,
    ...definitions(settings, nodes),
    ...networks.flatMap(({ network }) => ['', ...subnetLines(network, settings)]),
    '',
    'group {',
    ...indented(bootLines(settings)),
    ...indented(booting.flatMap(hostLines)),
    '}',
    ...others.flatMap(hostLines),
  ];
  return `${lines.join('\n')}\n`;
}

/** All codes get a name of their own, so that any bytes can be written. */
function definitions(
  { networks }: DhcpSettings,
  nodes: readonly ReservedNode[],
): readonly string[] {
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

function subnetLines(network: DhcpNetwork, settings: DhcpSettings): readonly string[] {
  const { first, mask } = boundsOf(network);
  const { range, leaseSeconds } = network;
  const deny = settings.unknown === 'address' ? [] : ['  deny unknown-clients;'];
  const pool = range && ['pool {', ...deny, `  range ${range.first} ${range.last};`, '}'];
  return [
    `subnet ${formatAddress(first)} netmask ${mask} {`,
    ...indented([
      `option subnet-mask ${mask};`,
      ...optionLines(networkOptions(network)),
      `default-lease-time ${leaseSeconds};`,
      `max-lease-time ${leaseSeconds};`,
      ...(pool ?? []),
    ]),
    '}',
  ];
}

/** One for each MAC address. */
function hostLines(node: ReservedNode): readonly string[] {
  return node.macs.flatMap((mac, at) => [
    `host ${at === 0 ? node.name : `${node.name}.${at}`} {`,
    ...indented([
      `hardware ethernet ${mac};`,
      `fixed-address ${node.address};`,
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

function bootLines(settings: DhcpSettings): readonly string[] {
  const choices = listBootChoices(settings);
  const lines = choices.flatMap((choice, at) => [
    `${at === 0 ? 'if' : '} elsif'} ${testOf(choice)} {`,
    ...indented(choiceLines(choice)),
  ]);
  return choices.length === 0 ? [] : [...lines, '}'];
}

function choiceLines(choice: BootChoice): readonly string[] {
  if (choice.filename === '') return [];
  const echo = isHttpBoot(choice) ? ['option vendor-class-identifier "HTTPClient";'] : [];
  const { nextServer, filename } = choice;
  return [`next-server ${nextServer};`, `filename ${quoted(filename)};`, ...echo];
}

function testOf({ conditions }: BootChoice): string {
  return conditions.length === 0 ? 'true' : conditions.map(expressionOf).join(' and ');
}

function expressionOf(condition: BootCondition): string {
  switch (condition.kind) {
    case 'architectures': {
      const tests = condition.values.map((value) => `option scree-arch = ${hexWord(value)}`);
      return tests.length === 1 ? tests.join('') : `(${tests.join(' or ')})`;
    }
    case 'no-architecture':
      return 'not exists scree-arch';
    case 'vendor-class': {
      const { prefix } = condition;
      return `substring(option vendor-class-identifier, 0, ${prefix.length}) = ${quoted(prefix)}`;
    }
    case 'user-class':
      return `option user-class = ${quoted(condition.name)}`;
    case 'node':
      return `host-decl-name = ${quoted(condition.name)}`;
    case 'bootp':
      return 'not exists dhcp-message-type';
  }
}

function hexWord(value: number): string {
  return hexWithColons(Buffer.from([value >>> 8, value & 0xff]));
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
