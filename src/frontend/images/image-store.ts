import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { ImageError } from './errors.ts';
import type { Architecture } from './types.ts';

const factsSchema = v.object({
  version: v.string(),
  architecture: v.picklist(['x64', 'arm64']),
  /** What the agent takes for the frontend when no kernel argument says; null: nothing. */
  frontend: v.nullable(v.string()),
  /** Of the key that manifests must be signed with. */
  keyId: v.string(),
  compression: v.picklist(['zstd', 'zstd-quick', 'xz']),
  sizeBytes: v.number(),
  unpackedBytes: v.number(),
  sha256: v.string(),
});

/** What an image is, as it stands beside it in `agent-<version>-<arch>.json`. */
export type ImageFacts = Readonly<v.InferOutput<typeof factsSchema>>;

/** Where boot loaders find it, below `tftpboot`. */
export function servedPath(architecture: Architecture): string {
  return architecture === 'x64' ? 'scree/agent.img' : `scree/agent-${architecture}.img`;
}

/** Writes an image and what it is; each is there as a whole or not at all. Throws ImageError. */
export async function storeImage(
  folder: string,
  image: Uint8Array,
  facts: ImageFacts,
): Promise<string> {
  const path = join(folder, `agent-${facts.version}-${facts.architecture}.img`);
  await orNotWritten(path, async () => {
    await writeFileAtomic(path, image);
    await writeFileAtomic(path.replace(/img$/, 'json'), `${JSON.stringify(facts, null, 2)}\n`);
  });
  return path;
}

/** The same file below `tftpboot`: nothing there may lead out of it. Throws ImageError. */
export async function serveImage(image: string, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await orNotWritten(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    try {
      await link(image, temporary).catch(() => copyFile(image, temporary));
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

async function orNotWritten(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const text = `expected to write '${path}', got ${messageOf(cause)}; make room, or run as its owner`;
    throw new ImageError('not-written', text, { cause });
  }
}

export type StoredImage = {
  readonly path: string;
  readonly facts: ImageFacts;
  /** What is there now; undefined: no such file. */
  readonly sizeBytes: number | undefined;
};

/** The images in a folder whose description can be read, by name. */
export async function listImages(folder: string): Promise<readonly StoredImage[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const described = names.filter((name) => /^agent-.*\.json$/.test(name)).toSorted();
  const images = await Promise.all(described.map((name) => readImage(join(folder, name))));
  return images.filter((image) => image !== undefined);
}

async function readImage(description: string): Promise<StoredImage | undefined> {
  const path = description.replace(/json$/, 'img');
  const facts = await readFile(description, 'utf8')
    .then((text) => v.safeParse(factsSchema, JSON.parse(text)))
    .catch(() => undefined);
  if (facts?.success !== true) return undefined;
  const sizeBytes = await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
  return { path, facts: facts.output, sizeBytes };
}
