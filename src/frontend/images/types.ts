/** Processors that images are made for, as Node calls them. */
export type Architecture = 'x64' | 'arm64';

/**
 * What a cpio archive holds; all of it belongs to root. Paths are relative to the ramdisk's root,
 * without `/` at either end and without `..`. `mode` is permissions only, such as 0o755.
 */
export type CpioEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/**
 * How an image is compressed: `zstd` unpacks fastest (0.3 s) and takes a minute to make, `zstd-quick`
 * is made in seconds and 14 % larger, `xz` is smallest and unpacks in 3 s.
 */
export type Compression = 'zstd' | 'zstd-quick' | 'xz';

export type AgentFilesOptions = {
  readonly architecture: Architecture;
  /** The program of the pinned Node for that processor; the package's unless given. */
  readonly node?: string;
  /** What `/opt/scree/frontend` says, such as `http://10.1.1.1`; none: only `scree.frontend=` tells. */
  readonly frontend?: string;
  /** The key that manifests must be signed with, SPKI in PEM. */
  readonly publicKeyPem: string;
  /** This version of Scree, as the agent tells it. */
  readonly version: string;
};

/**
 * All below `opt/scree`, with its folders (`opt` too), and no start-up hooks: `bin/node`,
 * `bin/scree-agent`, `lib/*`, `agent.mjs`, `compare.mjs`, `package.json`, `frontend.pub`, `frontend`,
 * `run`, `say`, `alarm`, `SHA256SUMS`. The same input gives the same entries, byte by byte.
 */
export type AgentFiles = {
  readonly entries: readonly CpioEntry[];
  /** What the operator should know, such as a runtime that could not be stripped. */
  readonly warnings: readonly string[];
};
