/** What DHCP and TFTP count, since the start, for `/stats.json` and `/metrics`. */
export type BootFigures = {
  /** Undefined: DHCP is off. */
  readonly dhcp: DhcpFigures | undefined;
  /** Undefined: TFTP is off. */
  readonly tftp: TftpFigures | undefined;
};

export type DhcpFigures = {
  /** Packets without an answer, by the reason. */
  readonly dropped: Readonly<Record<string, number>>;
};

export type TftpFigures = {
  readonly transfersRunning: number;
  /** Transfers that have ended, by how they did. */
  readonly transfersEnded: Readonly<Record<string, number>>;
  /** Of files, by transfers that have ended; what was sent again counts again. */
  readonly sentBytes: number;
  /** Datagrams that began no transfer, by the reason. */
  readonly dropped: Readonly<Record<string, number>>;
};
