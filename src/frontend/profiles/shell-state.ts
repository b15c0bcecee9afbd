/** What the shell takes the next character for. */
export type ShellState =
  | 'code'
  | 'single quotes'
  | 'double quotes'
  | 'a comment'
  | 'a here-document'
  | 'backquotes'
  | 'a parameter'
  | 'arithmetic'
  /** Bash's $'…', a case inside $(…) and the like: what comes after is not followed. */
  | 'what cannot be followed';

type Level = {
  readonly kind: ShellState;
  /** Of `code` inside `$(…)`: parentheses that are open. */
  depth: number;
};

type HereDocument = {
  readonly delimiter: string;
  readonly stripsTabs: boolean;
  /** Nothing in it means anything, not even a backslash at the end of a line. */
  readonly isQuoted: boolean;
};

/**
 * Follows the text of a POSIX shell script, to know where a value can be put as a word of its
 * own. It errs by refusing.
 */
export function createShellReader() {
  const levels: Level[] = [{ kind: 'code', depth: 0 }];
  let hereDocuments: readonly HereDocument[] = [];
  let line = '';
  let previous = '\n';
  const top = (): Level => levels.at(-1) ?? { kind: 'code', depth: 0 };
  const open = (kind: ShellState): void => {
    levels.push({ kind, depth: 0 });
  };
  const close = (): void => {
    if (levels.length > 1) levels.pop();
  };

  return { state: (): ShellState => top().kind, read, readWord, isWhole };

  /** A quoted word, as the shell will see it. */
  function readWord(): void {
    previous = 'w';
    line += 'w';
  }

  function isWhole(): boolean {
    return levels.length === 1 && hereDocuments.length === 0 && top().kind === 'code';
  }

  function read(text: string): void {
    let rest = text;
    while (rest !== '') rest = rest.slice(step(rest));
  }

  /** How many characters were taken. */
  function step(rest: string): number {
    const { kind } = top();
    const depth = levels.length;
    const character = rest.slice(0, 1);
    const taken = kind === 'a here-document' ? readHereDocument(character) : stepIn(kind, rest);
    const [document] = kind === 'a here-document' ? hereDocuments : [];
    if (character === '\n' && document !== undefined && goesOn(document)) line = line.slice(0, -1);
    else if (character === '\n') line = '';
    else line += rest.slice(0, taken);
    // Behind `$(…)` the word goes on, so that a `#` is none of a comment.
    const isWord = levels.length < depth && character === ')';
    const isEscape = character === '\\' && taken === 2;
    if (isWord || (isEscape && rest.charAt(1) !== '\n')) previous = 'w';
    else if (!isEscape) previous = rest.slice(taken - 1, taken);
    return taken;
  }

  function stepIn(kind: ShellState, rest: string): number {
    const character = rest.slice(0, 1);
    if (kind === 'single quotes') {
      if (character === "'") close();
      return 1;
    }
    if (kind === 'a comment') {
      if (character !== '\n') return 1;
      close();
      return stepIn(top().kind, rest);
    }
    if (kind === 'what cannot be followed') return rest.length;
    if (character === '\\' && kind !== 'arithmetic') return Math.min(2, rest.length);
    if (character === '$') return readDollar(rest);
    return kind === 'code' ? readCode(rest) : readInside(kind, character);
  }

  function readDollar(rest: string): number {
    if (/^\$[$!?*@#-]/.test(rest)) return 2;
    if (rest.startsWith('$((')) return opened('arithmetic', 3);
    if (rest.startsWith('$(')) return opened('code', 2);
    if (rest.startsWith('${')) return opened('a parameter', 2);
    if (rest.startsWith("$'") && top().kind === 'code') return opened('what cannot be followed', 2);
    return 1;
  }

  function opened(kind: ShellState, length: number): number {
    open(kind);
    return length;
  }

  function readInside(kind: ShellState, character: string): number {
    if (kind === 'double quotes') {
      if (character === '"') close();
      else if (character === '`') open('backquotes');
    } else if (kind === 'backquotes') {
      if (character === '`') close();
    } else if (kind === 'a parameter') {
      if (character === '}') close();
      else if (character === '"') open('double quotes');
      else if (character === "'" && levels.at(-2)?.kind === 'code') open('single quotes');
    } else if (kind === 'arithmetic' && character === ')' && previous === ')') close();
    return 1;
  }

  function readCode(rest: string): number {
    const character = rest.slice(0, 1);
    const isWordStart = /[\s;&|()]/.test(previous);
    if (character === "'") open('single quotes');
    else if (character === '"') open('double quotes');
    else if (character === '`') open('backquotes');
    else if (character === '#' && isWordStart) open('a comment');
    else if (character === '\n' && hereDocuments.length > 0) open('a here-document');
    else if (levels.length > 1 && isWordStart && /^case\s/.test(rest)) {
      return opened('what cannot be followed', 4);
    } else if (character === '(' && levels.length > 1) top().depth += 1;
    else if (character === ')' && levels.length > 1) {
      if (top().depth === 0) close();
      else top().depth -= 1;
    } else if (rest.startsWith('<<<')) return 3;
    else if (rest.startsWith('<<')) return readRedirection(rest);
    return 1;
  }

  function readRedirection(rest: string): number {
    const found = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([\w.!-]+))/.exec(rest);
    if (found === null) return opened('what cannot be followed', 2);
    const delimiter = found[2] ?? found[3] ?? found[4] ?? '';
    const isQuoted = !/[\w.!-]$/.test(found[0]) || found[0].includes('\\');
    hereDocuments = [...hereDocuments, { delimiter, stripsTabs: found[1] === '-', isQuoted }];
    return found[0].length;
  }

  function goesOn({ isQuoted }: HereDocument): boolean {
    return !isQuoted && /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
  }

  function readHereDocument(character: string): number {
    const [first, ...rest] = hereDocuments;
    if (character !== '\n' || first === undefined || goesOn(first)) return 1;
    if (!first.isQuoted && hasOpenSubstitution(line)) return opened('what cannot be followed', 1);
    const text = first.stripsTabs ? line.replace(/^\t+/, '') : line;
    if (text === first.delimiter) hereDocuments = rest;
    if (hereDocuments.length === 0) close();
    return 1;
  }
}

/** Of a here-document's line: whether a substitution could go on behind it. */
function hasOpenSubstitution(line: string): boolean {
  const rest = line
    .replace(/\\./g, '')
    .replace(/\$\(\([^()'"`$]*\)\)/g, '')
    .replace(/\$\([^'"`()$#]*\)/g, '')
    .replace(/\$\{[^'"`{}$]*\}/g, '');
  return /\$[({]|`/.test(rest);
}
