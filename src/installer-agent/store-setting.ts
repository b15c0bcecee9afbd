import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parseSizeBytes, UnitError } from '../runtime/units.ts';
import type { StoreChoice } from '../swarm/types.ts';

/** What one `store` says: where, or how much. */
export type StoreSetting = {
  readonly folder?: string | undefined;
  readonly sizeBytes?: number | undefined;
};

const leastBytes = 2 ** 20;
const sizeForm = /^\d+(?:\.\d+)?\s*[KMGT]?(?:iB|B)?$/i;

/** A budget. Throws UnitError. */
export function parseStoreSize(text: string): number {
  const sizeBytes = parseSizeBytes(text);
  if (sizeBytes >= leastBytes && Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw new UnitError('not-a-size', `expected a size of 1M or more, got '${text}'`);
}

/** `256M`: a budget; anything else: a folder. */
export function parseStore(text: string): StoreSetting {
  if (sizeForm.test(text)) return { sizeBytes: parseStoreSize(text) };
  if (text !== '' && !text.includes('\0')) return { folder: text };
  throw new UnitError('not-a-size', `expected a folder, or a size such as 256M, got '${text}'`);
}

/** The same where no folder is the present one. */
export function parseAbsoluteStore(text: string): StoreSetting {
  const setting = parseStore(text);
  if (setting.folder === undefined || isAbsolute(setting.folder)) return setting;
  const expected = 'a size such as 256M, or a folder such as /run/scree';
  throw new UnitError('not-a-size', `expected ${expected}, got '${text}'`);
}

/**
 * The store, from what says most to what says least. Without a folder one among the temporary ones
 * that is this agent's; without a size the machine decides.
 */
export function chooseStore(
  settings: readonly (StoreSetting | undefined)[],
  listen: { readonly host: string; readonly port: number },
): StoreChoice {
  const folder = settings.find((each) => each?.folder !== undefined)?.folder;
  const sizeBytes = settings.find((each) => each?.sizeBytes !== undefined)?.sizeBytes;
  return {
    folder: folder ?? join(tmpdir(), `scree-agent-${listen.host}-${listen.port}`),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}
