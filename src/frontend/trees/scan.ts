import type { ManifestLink } from '../../protocol/manifest.ts';
import { type LinkFinding, resolveLink, type TreeNode } from './link-targets.ts';
import type { KnownLocation } from './location.ts';

export type SourceFile = {
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly location: KnownLocation;
};

/** What a folder or an image holds at this moment. */
export type Scan = {
  /** By path, in the order of its UTF-8 bytes. */
  readonly files: readonly SourceFile[];
  readonly links: readonly ManifestLink[];
  /** What was left out, and why. */
  readonly warnings: readonly string[];
};

/** What a scanner has found so far. */
export type ScanFindings = {
  readonly files: SourceFile[];
  /** Everything that a link could lead to, the links themselves too. */
  readonly nodes: Map<string, TreeNode>;
  readonly warnings: string[];
};

export function createFindings(): ScanFindings {
  return { files: [], nodes: new Map(), warnings: [] };
}

/** Sorts the files, and resolves the links. */
export function finishScan(findings: ScanFindings, rootPaths: readonly string[] = []): Scan {
  const { files, nodes } = findings;
  const warnings = [...findings.warnings];
  const links: ManifestLink[] = [];
  for (const [path, node] of nodes) {
    if (node.kind !== 'link') continue;
    const finding: LinkFinding = resolveLink(path, nodes, rootPaths);
    if (finding.kind === 'inside') links.push({ path, target: finding.target });
    else warnings.push(leftOut(path, `symbolic link to '${node.target}': ${finding.reason}`));
  }
  return { files: byPath(files), links: byPath(links), warnings };
}

export function leftOut(path: string, reason: string): string {
  return `left out '${path}': ${reason}`;
}

function byPath<Item extends { readonly path: string }>(items: readonly Item[]): Item[] {
  const keyed = items.map((item) => ({ item, bytes: Buffer.from(item.path) }));
  return keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ item }) => item);
}
