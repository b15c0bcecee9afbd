import { realpath } from 'node:fs/promises';
import { splitJoinedPath } from '../../protocol/joined-path.ts';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import type { MachineNode } from '../nodes/types.ts';
import { readBootPath } from './boot-path.ts';
import { findContained, type Root } from './contained-file.ts';
import { type HostLink, listHostLinks } from './host-links.ts';
import { joinFiles } from './joined-file.ts';
import type { BootAccess, BootAnswer, BootFile, BootRefusal, GeneratedBootFile } from './types.ts';

export type BootRoots = {
  /**
   * What a machine is sent for a name: its host root counts first, then what is generated for it,
   * then the general root. The same for TFTP and HTTP (names decoded once). Never rejects.
   */
  readonly resolve: (
    node: MachineNode | undefined,
    name: string,
    access: BootAccess,
  ) => Promise<BootAnswer>;
  /** What each name in a machine's host root leads to, sorted; empty where there is no root. */
  readonly listLinks: (node: Pick<MachineNode, 'name'>) => Promise<readonly HostLink[]>;
};

export type BootRootsDeps = {
  /** The text for a path that is not a file, or undefined. */
  readonly generate: (
    node: MachineNode,
    path: string,
    access: BootAccess,
  ) => GeneratedBootFile | BootRefusal | undefined;
};

/** `folder` is `<state>/tftpboot`; it need not be there yet. */
export function createBootRoots(
  { generate }: BootRootsDeps,
  { folder }: { readonly folder: string },
): BootRoots {
  const findOne = async (request: Request): Promise<BootAnswer | undefined> => {
    const { node, path, access } = request;
    const general = await realFolder(folder);
    if (general === undefined) return node && generate(node, path, access);
    const own = node && (await findContained(hostRoot(general, node), path));
    if (own !== undefined) return own;
    const generated = node && generate(node, path, access);
    return generated ?? findContained({ general, folder: '' }, path);
  };
  return {
    resolve: async (node, name, access) => {
      const read = readBootPath(name);
      if (read.kind === 'refuse') return { ...read, code: 'forbidden' };
      const request = { node, path: read.path, access };
      try {
        return (await findOne(request)) ?? (await findJoined(request, findOne));
      } catch (error) {
        const reason = `expected to look for '${read.path}', got ${messageOf(error)}`;
        return { kind: 'refuse', code: 'broken', reason };
      }
    },
    listLinks: async (node) => {
      const general = await realFolder(folder);
      return general === undefined ? [] : listHostLinks(hostRoot(general, node));
    },
  };
}

type Request = {
  readonly node: MachineNode | undefined;
  readonly path: string;
  readonly access: BootAccess;
};

type Find = (request: Request) => Promise<BootAnswer | undefined>;

/** Several ramdisks under one name; each may come from another root. */
async function findJoined(request: Request, findOne: Find): Promise<BootAnswer> {
  const files: BootFile[] = [];
  for (const path of splitJoinedPath(request.path) ?? []) {
    const found = await findOne({ ...request, path });
    if (found?.kind === 'refuse') return found;
    if (found?.kind !== 'file') return absent(path);
    files.push(found);
  }
  return files.length === 0 ? absent(request.path) : joinFiles(files);
}

/** Undefined where it is not there. */
async function realFolder(folder: string): Promise<string | undefined> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hostRoot(general: string, { name }: Pick<MachineNode, 'name'>): Root {
  // Names come checked; here one that is not would open another folder.
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`'${name}' is no name of a machine`);
  return { general, folder: `hosts/${name}` };
}

function absent(path: string): BootRefusal {
  const reason = `expected a boot file '${path}', found none in any of the machine's roots`;
  return { kind: 'refuse', code: 'absent', reason };
}
