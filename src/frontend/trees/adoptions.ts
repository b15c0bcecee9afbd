import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { type FileIdentity, identitySchema } from './identity.ts';

const fileName = 'adopted.jsonl';

const adoptionSchema = v.object({
  /** The file's place in the manifest. */
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  identity: identitySchema,
});

type Adoption = { readonly at: number; readonly identity: FileIdentity };

/**
 * Identities that files of a generation have got since they were hashed, with the same content:
 * a link made elsewhere, a backup played back. Kept so that a restart need not look again.
 */
export async function readAdoptions(folder: string): Promise<ReadonlyMap<number, FileIdentity>> {
  const lines = (await readLines(folder)).flatMap(parseLine);
  const adoptions = new Map(lines.map(({ at, identity }) => [at, identity]));
  if (lines.length > 2 * adoptions.size + 100) await rewrite(folder, adoptions);
  return adoptions;
}

export async function appendAdoption(folder: string, adoption: Adoption): Promise<void> {
  await appendFile(join(folder, fileName), `${JSON.stringify(adoption)}\n`);
}

export async function forgetAdoptions(folder: string): Promise<void> {
  await rm(join(folder, fileName), { force: true });
}

async function readLines(folder: string): Promise<string[]> {
  try {
    return (await readFile(join(folder, fileName), 'utf8')).split('\n');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** A line that was not written to its end tells nothing. */
function parseLine(line: string): Adoption[] {
  try {
    return [v.parse(adoptionSchema, JSON.parse(line))];
  } catch {
    return [];
  }
}

async function rewrite(folder: string, adoptions: ReadonlyMap<number, FileIdentity>) {
  const lines = [...adoptions].map(([at, identity]) => `${JSON.stringify({ at, identity })}\n`);
  await writeFileAtomic(join(folder, fileName), lines.join(''));
}
