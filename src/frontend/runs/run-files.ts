import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { type RunDocument, runSchema } from './documents.ts';

const mostRuns = 50;
const form = /^(\d{8}T\d{6}Z)\.json$/;

/** The runs of a state folder, a file each. */
export type RunFiles = {
  /** The oldest first. */
  readonly ids: () => Promise<readonly string[]>;
  /** Undefined: there is none, or it cannot be read. */
  readonly read: (id: string) => Promise<RunDocument | undefined>;
  /** As a whole or not at all; the oldest make room. */
  readonly write: (run: RunDocument) => Promise<void>;
};

export function createRunFiles(folder: string): RunFiles {
  const pathOf = (id: string) => join(folder, `${id}.json`);
  const ids = async (): Promise<readonly string[]> => {
    const names = await readdir(folder).catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    });
    return names.flatMap((name) => form.exec(name)?.[1] ?? []).toSorted();
  };
  return {
    ids,
    read: async (id) => {
      if (!form.test(`${id}.json`)) return undefined;
      const text = await readFile(pathOf(id), 'utf8').catch(() => '');
      return parse(text);
    },
    write: async (run) => {
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(pathOf(run.id), JSON.stringify(run));
      const tooMany = (await ids()).slice(0, -mostRuns);
      for (const id of tooMany) await rm(pathOf(id), { force: true });
    },
  };
}

function parse(text: string): RunDocument | undefined {
  try {
    const read = v.safeParse(runSchema, JSON.parse(text));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}
