import { formatAddress } from '../../../protocol/dhcp/address.ts';
import { dhcpOptions } from '../../../protocol/dhcp/options.ts';
import type { MachineNode } from '../../nodes/types.ts';
import { boundsOf } from '../network.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import type { DhcpNetwork, DhcpSettings } from '../types.ts';
import { echoedClass } from './boot-choices.ts';
import type { BootCondition, PlainCondition } from './boot-conditions.ts';
import { longestDnsmasqOption, renderDnsmasqOption } from './dnsmasq-option.ts';
import { boots, type ExportDocument, exportNotes, quoted } from './document.ts';

const bootsTag = 'boots';

/** A file for dnsmasq's `conf-dir`. */
export function renderDnsmasq(document: ExportDocument): string {
  const { settings, networks, guests } = document;
  const unknown = settings.unknown === 'address' ? [] : ['dhcp-ignore=tag:!known'];
  const lines = [
    ...exportNotes.map((note) => `# ${note}`),
    'port=0',
    `interface=${settings.interface}`,
    'bind-interfaces',
    'dhcp-authoritative',
    ...unknown,
    ...networks.flatMap(({ network, nodes }, at) => [
      '',
      ...networkLines(network, `net${at}`),
      ...nodes.map((node) => hostLine(node, settings)),
      ...nodes.flatMap(nodeOptionLines),
    ]),
    '',
    ...guests.map((node) => hostLine(node, settings)),
    ...guests.flatMap(nodeOptionLines),
    ...bootLines(document),
  ];
  // No value may begin a line of its own.
  return lines.map((line) => `${line.replaceAll(/\p{Cc}/gu, '')}\n`).join('');
}

function networkLines(network: DhcpNetwork, tag: string): readonly string[] {
  const { range, leaseSeconds } = network;
  const { first, mask } = boundsOf(network);
  const addresses = range ? `${range.first},${range.last}` : `${formatAddress(first)},static`;
  const options = networkOptions(network);
  // dnsmasq sends these two by itself, as they are.
  const derived = [dhcpOptions.subnetMask, dhcpOptions.broadcastAddress];
  const isOwn = (code: number) => derived.some((each) => each === code);
  const written = [...options].filter(([code]) => !isOwn(code) || network.options.has(code));
  // It would name itself.
  const silent = [dhcpOptions.router, dhcpOptions.dns].filter((code) => !options.has(code));
  return [
    `dhcp-range=set:${tag},${addresses},${mask},${leaseSeconds}`,
    ...silent.map((code) => `dhcp-option=tag:${tag},${code}`),
    ...optionLines(tag, written),
  ];
}

function hostLine(node: MachineNode, settings: DhcpSettings): string {
  const tags = [...(boots(node, settings) ? [bootsTag] : []), `node-${node.name}`];
  const sets = tags.map((tag) => `set:${tag}`);
  const address = node.address === undefined ? [] : [node.address];
  return `dhcp-host=${[...node.macs, ...sets, ...address, node.name].join(',')}`;
}

function nodeOptionLines(node: MachineNode): readonly string[] {
  return optionLines(`node-${node.name}`, [...nodeOptions(node)]);
}

function optionLines(
  tag: string,
  options: readonly (readonly [code: number, bytes: Buffer])[],
): readonly string[] {
  const fitting = options.filter(([, bytes]) => bytes.length <= longestDnsmasqOption);
  return fitting.map(([code, bytes]) => {
    const value = renderDnsmasqOption(code, bytes);
    return `dhcp-option=tag:${tag},${code}${value === '' ? '' : `,${value}`}`;
  });
}

function bootLines({ choices }: ExportDocument): readonly string[] {
  const conditions = choices.flatMap((choice) => choice.conditions.flatMap(conditionLines));
  const lines = choices.flatMap((choice, at) => {
    const tag = `boot${at}`;
    const before = choices.slice(0, at).map((_, each) => `tag:!boot${each}`);
    const tags = [`tag:${bootsTag}`, `tag:${tag}`, ...before].join(',');
    const echoed = echoedClass(choice);
    const echo = echoed === undefined ? [] : [`dhcp-option-force=${tags},60,${echoed}`];
    return [
      `tag-if=set:${tag}${choice.conditions.map((each) => `,tag:${tagOf(each)}`).join('')}`,
      ...(choice.filename === ''
        ? []
        : [`dhcp-boot=${tags},${plainOrQuoted(choice.filename)},,${choice.nextServer}`, ...echo]),
    ];
  });
  return [...new Set(conditions), ...lines];
}

function plainOrQuoted(text: string): string {
  return /^[\w./:~+@%?&=-]*$/.test(text) ? text : quoted(text);
}

function conditionLines(condition: BootCondition): readonly string[] {
  if (condition.kind === 'not') return conditionLines(condition.of);
  const tag = tagOf(condition);
  switch (condition.kind) {
    case 'architectures':
      return condition.values.map((value) => `dhcp-match=set:${tag},option:client-arch,${value}`);
    case 'no-architecture':
      return ['dhcp-match=set:any-arch,option:client-arch'];
    case 'vendor-class':
      return [`dhcp-vendorclass=set:${tag},${plainOrQuoted(condition.prefix)}`];
    case 'user-class':
      return [`dhcp-userclass=set:${tag},${plainOrQuoted(condition.name)}`];
    case 'node':
    case 'bootp':
      // The tag comes from `dhcp-host`, or from dnsmasq itself.
      return [];
  }
}

function tagOf(condition: BootCondition): string {
  if (condition.kind !== 'not') return plainTagOf(condition);
  const tag = plainTagOf(condition.of);
  return tag.startsWith('!') ? tag.slice(1) : `!${tag}`;
}

function plainTagOf(condition: PlainCondition): string {
  const word = (text: string) => text.replaceAll(/[^A-Za-z0-9]+/g, '-');
  switch (condition.kind) {
    case 'architectures':
      return `arch-${condition.values.join('-')}`;
    case 'no-architecture':
      return '!any-arch';
    case 'vendor-class':
      return `vendor-${word(condition.prefix)}`;
    case 'user-class':
      return `user-${word(condition.name)}`;
    case 'node':
      return `node-${condition.name}`;
    case 'bootp':
      return 'bootp';
  }
}
