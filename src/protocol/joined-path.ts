/**
 * Kernels take several ramdisks as one, but some loaders fetch one file only. For them the names of
 * several are one name: PXELINUX's `a,b`, which SLOF asks for as it stands, and `a&b` where commas
 * mean something else (Open Firmware).
 */
export function joinPaths(paths: readonly string[]): string {
  return paths.join('&');
}

/** The paths that a name stands for; undefined for the name of one file. */
export function splitJoinedPath(path: string): readonly string[] | undefined {
  const parts = path.split(/[,&]/);
  const isJoined = parts.length > 1 && parts.length <= mostParts && !parts.includes('');
  return isJoined ? parts : undefined;
}

const mostParts = 8;
