import type { FilePart } from '../tftp/thread/types.ts';

/** How a client reaches the frontend: what is written into its boot files depends on it. */
export type BootAccess = {
  readonly protocol: 'tftp' | 'http';
  /** The frontend's HTTP server as this client sees it: `10.1.1.1`, with `:port` unless it is 80. */
  readonly server: string;
};

export type OpenBootFile = {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Fewer bytes only where the file ends. */
  readonly read: (offsetBytes: number, lengthBytes: number) => Promise<Buffer>;
  /** The same bytes for a reader in another thread; valid until `close`. */
  readonly parts: readonly FilePart[];
  readonly close: () => Promise<void>;
};

export type BootFile = {
  readonly kind: 'file';
  /** Where it was found, from the general root: `debian/linux`, `hosts/node-0/linux`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** What is opened is checked again. Rejects when it has changed its place meanwhile. */
  readonly open: () => Promise<OpenBootFile>;
};

export type GeneratedBootFile = {
  readonly kind: 'generated';
  readonly text: string;
  /** Something the operator should know, such as a boot action that is not defined. */
  readonly warning?: string;
};

export type BootRefusal = {
  readonly kind: 'refuse';
  /**
   * `absent`: there is no such file; `forbidden`: a name, or a link, that leads out of the client's
   * roots; `broken`: there is something that cannot be sent.
   */
  readonly code: 'absent' | 'forbidden' | 'broken';
  /** What was expected, what was found. */
  readonly reason: string;
};

export type BootAnswer = BootFile | GeneratedBootFile | BootRefusal;
