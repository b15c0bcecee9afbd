import type { RackHost } from './rack.ts';

/**
 * Joins two hosts by a wire of their own, `eth1` at both ends, and takes the second host off the
 * switch that all others are on. Only the first has an address there (`10.89.0.1/16`). Resolves with
 * the MAC address of the second host's end.
 */
export async function joinByWire(
  first: RackHost,
  second: RackHost,
  { address }: { readonly address: string },
): Promise<string> {
  const peer = `peer name eth1 netns ${second.namespace}`;
  const commands = [
    `ip link add eth1 type veth ${peer}`,
    `ip addr add ${address} dev eth1`,
    'ip link set eth1 up',
  ];
  await first.run(['sh', '-ec', commands.join('\n')]);
  await second.run(['sh', '-ec', 'ip link set eth0 down; ip link set eth1 up']);
  const { stdout } = await second.run(['ip', '-oneline', 'link', 'show', 'eth1']);
  return /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
}
