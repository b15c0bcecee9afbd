/**
 * The arguments of a kernel command line (/proc/cmdline) by name; of one that is given twice the
 * last counts. As the kernel does: spaces part them, double quotes keep spaces, `-` and `_` in
 * names are the same (names come out with `-`). Arguments without `=` have an empty value; what
 * cannot be an argument is left out, and nothing throws.
 */
export function parseKernelArguments(commandLine: string): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  for (const [word] of commandLine.matchAll(/(?:"[^"]*(?:"|$)|[^\s"\0])+/g)) {
    const plain = word.replaceAll('"', '');
    const equalsAt = plain.indexOf('=');
    const name = equalsAt === -1 ? plain : plain.slice(0, equalsAt);
    if (name === '') continue;
    args.set(name.replaceAll('_', '-'), equalsAt === -1 ? '' : plain.slice(equalsAt + 1));
  }
  return args;
}

/** The arguments that begin with `prefix`, without it, and that have a value. */
export function kernelArgumentsBelow(
  commandLine: string,
  prefix: string,
): ReadonlyMap<string, string> {
  const below = new Map<string, string>();
  for (const [name, value] of parseKernelArguments(commandLine)) {
    if (name.startsWith(prefix) && value !== '') below.set(name.slice(prefix.length), value);
  }
  return below;
}
