import { kickstartCommands, kickstartSections } from './kickstart-commands.ts';

export type ReadCommand = {
  readonly name: string;
  /** `--name` → its value, or '' of one that stands alone. */
  readonly options: ReadonlyMap<string, string>;
  readonly words: readonly string[];
};

export type ReadKickstart = {
  readonly commands: readonly ReadCommand[];
  readonly packages: readonly string[];
  readonly scripts: readonly { readonly head: readonly string[]; readonly text: string }[];
  readonly problems: readonly string[];
};

/** Reads a kickstart as pykickstart does for RHEL 9, and complains of all that it would. */
export function readKickstart(text: string): ReadKickstart {
  const commands: ReadCommand[] = [];
  const packages: string[] = [];
  const scripts: { head: readonly string[]; text: string }[] = [];
  const problems: string[] = [];
  let section: { readonly head: readonly string[]; lines: string[] } | undefined;
  for (const line of splitLines(text)) {
    const start = /^%\S*/.exec(line)?.[0];
    if (section !== undefined) {
      if (start === '%end') {
        const body = section.lines.join('');
        if (section.head[0] === '%packages') packages.push(...packageLines(body, problems));
        else scripts.push({ head: section.head, text: body });
        section = undefined;
      } else if (start !== undefined && (kickstartSections.has(start) || start === '%include')) {
        problems.push(`${start} inside of ${section.head[0]}`);
      } else section.lines.push(line);
      continue;
    }
    const words = splitWords(line);
    if (words === undefined) problems.push(`no words: ${line}`);
    else if (words.length === 0 || start === '%include') continue;
    else if (start === undefined) commands.push(readCommand(words, problems));
    else {
      section = { head: words, lines: [] };
      problems.push(...sectionProblems(words));
    }
  }
  if (section !== undefined) problems.push(`${section.head[0]} has no %end`);
  problems.push(...severalTimes(commands));
  return { commands, packages, scripts, problems };
}

function readCommand([name = '', ...rest]: readonly string[], problems: string[]): ReadCommand {
  const known = kickstartCommands.get(name);
  const options = new Map<string, string>();
  const words: string[] = [];
  let waiting: string | undefined;
  for (const word of rest) {
    const [option = '', ...value] = word.split('=');
    if (waiting !== undefined) {
      options.set(waiting, word);
      waiting = undefined;
    } else if (!word.startsWith('--')) words.push(word);
    else if (known?.options.has(value.length > 0 ? `${option}=` : option)) {
      options.set(option, value.join('='));
    } else if (known?.options.has(`${option}=`)) waiting = option;
    else problems.push(`${name} does not know ${word}`);
  }
  if (waiting !== undefined) problems.push(`${name}: ${waiting} has no value`);
  if (known === undefined) problems.push(`no command: ${name}`);
  else {
    const [least, most] = known.words;
    if (words.length < least || words.length > most) problems.push(`${name}: words ${words}`);
    const isThere = known.oneOf.some((option) => options.has(option.replace('=', '')));
    if (known.oneOf.length > 0 && !isThere) problems.push(`${name}: none of ${known.oneOf}`);
  }
  return { name, options, words };
}

function sectionProblems([name = '', ...options]: readonly string[]): readonly string[] {
  const known = kickstartSections.get(name);
  if (known === undefined) return [`no section: ${name}`];
  const wrong = options.filter((option) => !known.has(option.replace(/=.*/s, '=')));
  return wrong.map((option) => `${name} does not know ${option}`);
}

function packageLines(text: string, problems: string[]): readonly string[] {
  const names = splitLines(text)
    .map((line) => line.replace(/#.*/s, '').trim())
    .filter((line) => line !== '');
  problems.push(...names.filter((name) => !/^-?(?:@\^?)?[\w.+*-]+$/.test(name)));
  return names;
}

/** Commands that may stand once only, or more often than that makes no sense. */
function severalTimes(commands: readonly ReadCommand[]): readonly string[] {
  const many = new Set(
    'repo user group sshkey part volgroup logvol raid network timesource module'.split(' '),
  );
  const counts = Map.groupBy(commands, ({ name }) => name);
  return [...counts].flatMap(([name, { length }]) =>
    length > 1 && !many.has(name) ? [`${name} ${length} times`] : [],
  );
}

/** Python's str.splitlines(True), and at some more characters. */
function splitLines(text: string): readonly string[] {
  return text.split(/(?<=[^\P{Cc}\t]|[\u2028\u2029])/u).filter((line) => line !== '');
}

/** Python's shlex.split(line, comments=True); undefined where that throws. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#') break;
    else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return undefined;
      word = `${word ?? ''}${line.slice(at + 1, end)}`;
      at = end;
    } else if (character === '"') {
      const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(line.slice(at));
      if (quoted === null) return undefined;
      word = `${word ?? ''}${(quoted[1] ?? '').replace(/\\(["\\])/g, '$1')}`;
      at += quoted[0].length - 1;
    } else if (character === '\\') {
      if (at + 1 >= line.length) return undefined;
      at += 1;
      word = `${word ?? ''}${line.charAt(at)}`;
    } else word = `${word ?? ''}${character}`;
  }
  return word === undefined ? words : [...words, word];
}
