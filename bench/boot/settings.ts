/** What the DHCP server knows of the machines that ask. */
export type DhcpSetting = {
  readonly kind: 'reserved' | 'range';
  /** How many different machines ask. */
  readonly machines: number;
  /** Whether it is asked if an address is in use before it is given away. */
  readonly probe: boolean;
};

/** How machines are powered on. */
export type BurstSetting = {
  readonly machines: number;
  readonly how: (typeof burstWays)[number];
};

export type TftpSetting = { readonly clients: number; readonly windowBlocks: number };

export const dhcpKinds = ['reserved', 'range'] as const;

export function nameOfDhcp({ kind, machines }: Pick<DhcpSetting, 'kind' | 'machines'>): string {
  return kind === 'range' ? 'dynamic range' : `${machines} reserved`;
}

export const burstWays = ['at once, by a relay agent', 'within a second'] as const;

export function nameOfBurst({ machines, how }: BurstSetting): string {
  return `${machines} ${how}`;
}

export function nameOfTftp({ clients, windowBlocks }: TftpSetting): string {
  return `${clients} ${clients === 1 ? 'client' : 'clients'}, window ${windowBlocks}`;
}
