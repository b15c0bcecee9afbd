/** What commander says, and how it is said here: what was expected, and what came. */
const forms: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [
    /^option '(?:-\w, )?(--[\w-]+).*?' argument '(.*)' is invalid\. (.*)$/,
    (flag = '', got = '', reason = '') => `${flag}: ${withGot(expectation(reason), got)}`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/,
    (got = '', name = '', reason = '') => `<${name}>: ${withGot(expectation(reason), got)}`,
  ],
  [/^missing required argument '(.*)'$/, (name = '') => `expected <${name}>, got none`],
  [/^required option '(.*)' not specified$/, (flags = '') => `expected ${flags}, got none`],
  [
    /^unknown option '(.*?)'(?: \(Did you mean (?:one of )?(.*)\?\))?$/,
    (got = '', near = '') => `expected an option of this command, got '${got}'${hint(near)}`,
  ],
  [
    /^unknown command '(.*?)'(?: \(Did you mean (?:one of )?(.*)\?\))?$/,
    (got = '', near = '') => `expected a command, got '${got}'${hint(near)}`,
  ],
  [
    /^too many arguments(?: for '.*')?\. Expected (\d+) arguments? but got (\d+)$/,
    (count = '', got = '') => `expected ${count === '1' ? '1 word' : `${count} words`}, got ${got}`,
  ],
];

/** Wrong arguments, in one line that ends with where to look. `path`: the command, such as `tree add`. */
export function renderUsageError(text: string, path: readonly string[]): string {
  const plain = text
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
    .replace(/\.$/, '');
  const help = ['scree', ...path, '--help'].join(' ');
  return `scree: ${rephrased(plain)}; see '${help}'\n`;
}

function rephrased(text: string): string {
  for (const [pattern, render] of forms) {
    const match = pattern.exec(text);
    if (match !== null) return render(...match.slice(1).map((part) => part ?? ''));
  }
  return text;
}

function expectation(reason: string): string {
  const choices = /^Allowed choices are (.*)$/.exec(reason)?.[1];
  if (choices !== undefined) return `expected one of ${choices}`;
  return `${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`;
}

function withGot(expected: string, got: string): string {
  return /\bgot\b/.test(expected) ? expected : `${expected}, got '${got.slice(0, 80)}'`;
}

function hint(near: string): string {
  return near === '' ? '' : ` (did you mean '${near.split(', ')[0]}'?)`;
}
