import type { FileProblem, HostLine, HostLines } from './types.ts';
import { isHostAddress, linesOf, looseMac, shortName } from './words.ts';

/** `52:54:00:12:34:56 compute-0-1`, or an address in the name's place: ethers(5). */
export function readEthers(text: string, file: string): HostLines {
  const hosts: HostLine[] = [];
  const problems: FileProblem[] = [];
  for (const { line, text: entry } of linesOf(text)) {
    const place = { file, line };
    const [card = '', who = '', more] = entry.split(/\s+/);
    const mac = looseMac(card);
    if (mac === undefined || who === '' || more !== undefined) {
      const message = `expected a MAC address and a name, got ${JSON.stringify(entry.slice(0, 80))}`;
      problems.push({ place, message });
    } else if (isHostAddress(who)) {
      hosts.push({ place, name: undefined, macs: [mac], address: who });
    } else {
      hosts.push({ place, name: shortName(who), macs: [mac], address: undefined });
    }
  }
  return { hosts, problems, skippedCount: 0 };
}

/** `10.1.1.11 compute-0-1.example compute-0-1`: hosts(5). Loopback and IPv6 are passed over. */
export function readHosts(text: string, file: string): HostLines {
  const hosts: HostLine[] = [];
  const problems: FileProblem[] = [];
  let skippedCount = 0;
  for (const { line, text: entry } of linesOf(text)) {
    const place = { file, line };
    const [address = '', ...names] = entry.split(/\s+/);
    const name = names.find((each) => !each.includes('.')) ?? names[0];
    if (/^[\d.]+$/.test(address) && name !== undefined) {
      if (isHostAddress(address)) {
        hosts.push({ place, name: shortName(name), macs: [], address });
      } else if (/^(?:127\.|0\.0\.0\.0$|22[4-9]\.|2[3-5]\d\.)/.test(address)) {
        skippedCount += 1;
      } else {
        problems.push({ place, message: `expected an IPv4 address of a host, got ${address}` });
      }
    } else if (address.includes(':') && name !== undefined) {
      skippedCount += 1;
    } else {
      const message = `expected an address and a name, got ${JSON.stringify(entry.slice(0, 80))}`;
      problems.push({ place, message });
    }
  }
  return { hosts, problems, skippedCount };
}
