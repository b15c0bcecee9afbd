/** A file that a transfer may read; closed by the server when no transfer needs it any more. */
export type TftpFile = {
  readonly sizeBytes: number;
  /**
   * The same for files with the same bytes, such as device, inode, size and time of change: what
   * transfers of one identity read is read once. Undefined: shared with none.
   */
  readonly identity?: string | undefined;
  /** Fills the target, and resolves with how many bytes there were; rejects when it cannot. */
  readonly read: (target: Buffer, offsetBytes: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** `code` is one of RFC 1350's; `reason` is told to the client. */
export type TftpRefusal = {
  readonly kind: 'refuse';
  readonly code: number;
  readonly reason: string;
};

/**
 * What a client gets for a path. The path is as the client sent it: to keep it within a root is
 * this door's part.
 */
export type OpenTftpFile = (
  client: { readonly address: string },
  path: string,
) => Promise<TftpFile | TftpRefusal>;

/**
 * How a transfer ended. `aborted`: the client said so, which is normal when it only wanted to know
 * a size. `lost`: the client fell silent. `failed`: the file could not be read. `stopped`: the
 * server was closed.
 */
export type TftpOutcome = 'complete' | 'aborted' | 'refused' | 'lost' | 'failed' | 'stopped';

export type TftpTransferEvent = {
  readonly client: string;
  readonly path: string;
  readonly outcome: TftpOutcome;
  /** Why it is not complete. */
  readonly reason: string | undefined;
  /** Of the file, as it is sent; undefined when there was none. */
  readonly sizeBytes: number | undefined;
  /** Bytes of the file that left, what was sent again included. */
  readonly sentBytes: number;
  readonly elapsedMs: number;
  readonly blockBytes: number | undefined;
  readonly windowBlocks: number | undefined;
  /** Blocks that were sent more than once. */
  readonly resentBlocks: number;
};

/** Datagrams to the listening port that began no transfer. */
export type TftpDrops = {
  /** No TFTP. */
  readonly malformed: number;
  /** TFTP, but no request. */
  readonly unexpected: number;
  /** Requests that came again before the first answer was acknowledged. */
  readonly repeated: number;
  /** Requests past the limit of all transfers, or of one client's. Clients ask again. */
  readonly busy: number;
};
