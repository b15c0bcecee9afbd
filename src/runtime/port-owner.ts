import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A program of this machine. */
export type PortOwner = { readonly pid: number; readonly name: string };

const listening = '0A';

/**
 * Which programs have a port of this machine, by /proc (Linux). Another user's are seen by root
 * only; empty where nothing can be told.
 */
export async function findPortOwners(at: {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}): Promise<readonly PortOwner[]> {
  const inodes = new Set([
    ...(await inodesOf(`/proc/net/${at.protocol}`, at)),
    ...(await inodesOf(`/proc/net/${at.protocol}6`, at)),
  ]);
  if (inodes.size === 0) return [];
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
  const owners: PortOwner[] = [];
  for (const pid of pids) {
    if (await holdsOneOf(pid, inodes)) owners.push({ pid: Number(pid), name: await nameOf(pid) });
  }
  return owners;
}

/** proc(5): `sl local_address rem_address st … inode`, the port in hex behind a colon. */
async function inodesOf(
  path: string,
  { protocol, port }: { readonly protocol: 'tcp' | 'udp'; readonly port: number },
): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').slice(1);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    const isIt = Number.parseInt(local.split(':').at(-1) ?? '', 16) === port;
    if (!isIt || (protocol === 'tcp' && state !== listening)) return [];
    return fields[9] === undefined ? [] : [fields[9]];
  });
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = join('/proc', pid, 'fd');
  for (const descriptor of await namesIn(folder)) {
    const target = await readlink(join(folder, descriptor)).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function nameOf(pid: string): Promise<string> {
  const name = await readFile(join('/proc', pid, 'comm'), 'utf8').catch(() => '?');
  return name.trim();
}

/** Empty for what is gone, or another user's. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
