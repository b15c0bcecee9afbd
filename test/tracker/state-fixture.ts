import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, signManifest } from '../../src/protocol/manifest.ts';

const { privateKey } = generateKeyPairSync('ed25519');

/** Puts a generation with two files into a state folder; returns the generation's own folder. */
export async function addTree(
  state: string,
  tree: Pick<Manifest, 'tree' | 'generation' | 'infohash'>,
): Promise<string> {
  const folder = join(state, 'trees', tree.tree, String(tree.generation));
  const file = { mtimeMs: 0, sha256: 'ab'.repeat(32) };
  const manifest = {
    format: 1,
    ...tree,
    createdAt: '2026-01-01T00:00:00Z',
    pieceLength: 65_536,
    totalSize: 6,
    files: [
      { path: 'a', size: 2, ...file },
      { path: 'pool/b c.deb', size: 4, ...file },
    ],
    links: [],
  } as const;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'manifest.json'), signManifest(manifest, privateKey));
  return folder;
}
