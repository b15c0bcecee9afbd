import type { ExportedNode } from './types.ts';

/** One line for each network card: ethers(5). */
export function renderEthers(nodes: readonly ExportedNode[]): string {
  return linesOf(nodes.flatMap(({ node }) => node.macs.map((mac) => `${mac} ${node.name}`)));
}

/** One line for each node that has an address: hosts(5). */
export function renderHosts(nodes: readonly ExportedNode[]): string {
  return linesOf(
    nodes.flatMap(({ node }) =>
      node.address === undefined ? [] : [`${node.address} ${node.name}`],
    ),
  );
}

export function renderDnsmasqHosts(nodes: readonly ExportedNode[]): string {
  return linesOf(
    nodes.map(({ node }) => {
      const address = node.address === undefined ? [] : [node.address];
      return `dhcp-host=${[...node.macs, ...address, node.name].join(',')}`;
    }),
  );
}

/** One declaration for each network card. */
export function renderIscHosts(nodes: readonly ExportedNode[]): string {
  return linesOf(
    nodes.flatMap(({ node }) =>
      node.macs.map((mac, at) => {
        const name = at === 0 ? node.name : `${node.name}.${at}`;
        const address = node.address === undefined ? '' : ` fixed-address ${node.address};`;
        const hostName = ` option host-name "${node.name}";`;
        return `host ${name} { hardware ethernet ${mac};${address}${hostName} }`;
      }),
    ),
  );
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
