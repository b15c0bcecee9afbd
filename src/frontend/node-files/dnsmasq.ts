import { isIPv4 } from 'node:net';
import type { FileProblem, HostLine, HostLines } from './types.ts';
import { linesOf, looseMac, shortName } from './words.ts';

const form = 'dhcp-host=MAC,ADDRESS,NAME';
/** Tags, client identifiers, IPv6 addresses, lease times. */
const elsewhere = /^(?:(?:id|set|tag|net):.*|\[.*\]|\d+[smhdw]?|infinite|\*)$/;

/**
 * The `dhcp-host=` lines of a dnsmasq.conf, or those of a dhcp-hostsfile, which are without that
 * word; other options, and hosts that are ignored, are passed over.
 */
export function readDnsmasq(text: string, file: string): HostLines {
  const hosts: HostLine[] = [];
  const problems: FileProblem[] = [];
  let skippedCount = 0;
  for (const { line, text: entry } of linesOf(text)) {
    const place = { file, line };
    const [, given] = /^(?:--)?dhcp-host\s*=\s*(.*)$/.exec(entry) ?? [];
    const items = (given ?? entry).split(',').map((item) => item.trim());
    const isOther = given === undefined && /^(?:--)?[a-z][a-z\d-]*\s*(?:=|$)/.test(entry);
    if (isOther || items.includes('ignore')) {
      skippedCount += 1;
      continue;
    }
    const host = hostOf(items);
    if (typeof host === 'string')
      problems.push({ place, message: `expected ${form}, got ${host}` });
    else hosts.push({ place, ...host });
  }
  return { hosts, problems, skippedCount };
}

/** The host, or what came instead. */
function hostOf(items: readonly string[]): Omit<HostLine, 'place'> | string {
  const macs: string[] = [];
  const addresses: string[] = [];
  const names: string[] = [];
  for (const item of items) {
    const mac = looseMac(item);
    if (mac !== undefined) macs.push(mac);
    else if (isIPv4(item)) addresses.push(item);
    else if (item !== '' && !elsewhere.test(item)) names.push(item);
  }
  const [name, other] = names;
  const wrong = names.find((each) => !/^[a-z\d.-]+$/i.test(each) || /^[\d.]+$/.test(each));
  if (wrong !== undefined) return JSON.stringify(wrong.slice(0, 80));
  if (name === undefined) return 'no name';
  if (other !== undefined) return `two names, '${name}' and '${other}'`;
  if (macs.length === 0) return 'no MAC address';
  if (addresses.length > 1) return `two addresses, ${addresses.slice(0, 2).join(' and ')}`;
  return { name: shortName(name), macs, address: addresses[0] };
}
