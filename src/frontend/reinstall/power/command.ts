import { ReinstallError } from '../errors.ts';
import { runProgram } from './run-program.ts';
import type { PowerMethod, PowerTarget } from './types.ts';

const placeholders = ['name', 'mac', 'address'] as const;

/**
 * A command of the operator's own. `{name}`, `{mac}` and `{address}` are filled in; these and every
 * attribute stand in its environment (`SCREE_NAME`, `SCREE_BMC_ADDRESS`). Without a shell its words
 * are split at spaces, outside of quotes. Throws ReinstallError `bad-power`.
 */
export function commandMethod(
  command: string,
  { inShell }: { readonly inShell: boolean },
): PowerMethod {
  const words = inShell ? ['sh', '-c', command] : splitWords(command);
  // In a shell braces have meanings of their own.
  if (!inShell) checkPlaceholders(words);
  const needsAddress = words.some((word) => word.includes('{address}'));
  const filledFor = (target: PowerTarget) => words.map((word) => fill(word, target));
  return {
    problems: ({ address }) => (needsAddress && address === undefined ? ['an address'] : []),
    describe: (target) => filledFor(target).map(quoted).join(' '),
    cycle: async (target, signal) => {
      const [file = '', ...args] = filledFor(target);
      await runProgram({ file, args, env: environmentOf(target), signal });
    },
  };
}

/** Throws ReinstallError `bad-power`. */
export function splitWords(command: string): readonly string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s'"]+|'[^']*'|"[^"]*")+)/gy;
  let end = 0;
  for (const match of command.matchAll(pattern)) {
    words.push((match[1] ?? '').replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
    end = match.index + match[0].length;
  }
  if (words.length > 0 && command.slice(end).trim() === '') return words;
  const message = `expected a command with its quotes in pairs, got ${JSON.stringify(command)}`;
  throw new ReinstallError('bad-power', message);
}

function checkPlaceholders(words: readonly string[]): void {
  const known: readonly string[] = placeholders;
  const wrong = words
    .flatMap((word) => [...word.matchAll(/\{([a-z-]+)\}/g)])
    .find(([, name = '']) => !known.includes(name));
  if (wrong === undefined) return;
  const expected = `expected ${placeholders.map((name) => `{${name}}`).join(', ')} in the command`;
  const advice = 'attributes are in its environment, such as SCREE_BMC_ADDRESS';
  throw new ReinstallError('bad-power', `${expected}, got ${wrong[0]}; ${advice}`);
}

function fill(word: string, { name, mac, address = '' }: PowerTarget): string {
  const values: Readonly<Record<string, string>> = { name, mac, address };
  return word.replaceAll(
    /(?<!\$)\{(name|mac|address)\}/g,
    (_all, key) => values[String(key)] ?? '',
  );
}

function environmentOf({ name, mac, address, attributes }: PowerTarget): Record<string, string> {
  const all = new Map([...attributes, ['name', name], ['mac', mac], ['address', address ?? '']]);
  return Object.fromEntries(
    [...all].map(([key, value]) => [variableOf(key), value.replaceAll('\0', '')]),
  );
}

function variableOf(key: string): string {
  return `SCREE_${key.toUpperCase().replaceAll('-', '_')}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
