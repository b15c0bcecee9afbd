import type { FileProblem, HostLine, HostLines, NodeEntries, NodeEntry } from './types.ts';

/**
 * One entry for each name: a machine may have a line for each of its cards, and its MAC addresses
 * and its address may come from two files, such as ethers and hosts.
 */
export function joinHosts(files: readonly HostLines[]): NodeEntries {
  const lines = files.flatMap(({ hosts }) => hosts);
  const problems: FileProblem[] = files.flatMap((each) => each.problems);
  const nameOf = new Map(lines.map(({ address, name }) => [name && address, name]));
  const groups = new Map<string, HostLine[]>();
  for (const host of lines) {
    const name = host.name ?? nameOf.get(host.address);
    if (name === undefined) {
      const message = `expected a name, got the address ${host.address}`;
      problems.push({ place: host.place, message: `${message}; give the file of hosts too` });
      continue;
    }
    groups.set(name, [...(groups.get(name) ?? []), host]);
  }
  const entries = [...groups].flatMap(([name, hosts]) => joined(name, hosts, problems));
  return {
    entries,
    problems,
    skippedCount: files.reduce((sum, each) => sum + each.skippedCount, 0),
  };
}

function joined(
  name: string,
  hosts: readonly HostLine[],
  problems: FileProblem[],
): readonly NodeEntry[] {
  const [first] = hosts;
  if (first === undefined) return [];
  const address = hosts.find((each) => each.address !== undefined)?.address;
  const other = hosts.find((each) => each.address !== undefined && each.address !== address);
  if (other !== undefined) {
    const message = `expected one address of '${name}', got ${address} and ${other.address}`;
    problems.push({ place: other.place, message });
  }
  const macs = [...new Set(hosts.flatMap((each) => each.macs))];
  const settings = {
    ...(macs.length === 0 ? {} : { macs }),
    ...(address === undefined ? {} : { address }),
  };
  const { place } = hosts.find((each) => each.macs.length > 0) ?? first;
  return [{ place, name, settings, attributes: new Map(), isWhole: macs.length > 0 }];
}
