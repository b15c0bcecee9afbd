/** What the DHCP server knows of the machines that ask. */
export type DhcpSetting = {
  readonly kind: 'reserved' | 'range';
  /** How many different machines ask. */
  readonly machines: number;
};

export type TftpSetting = { readonly clients: number; readonly windowBlocks: number };

export const dhcpKinds = ['reserved', 'range'] as const;

export function nameOfDhcp({ kind, machines }: DhcpSetting): string {
  return kind === 'range' ? 'dynamic range' : `${machines} reserved`;
}

export function nameOfTftp({ clients, windowBlocks }: TftpSetting): string {
  return `${clients} ${clients === 1 ? 'client' : 'clients'}, window ${windowBlocks}`;
}
