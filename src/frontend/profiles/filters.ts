import { scalarText } from './pieces.ts';
import { shellWord } from './shell-word.ts';

/** Filters that templates have beside those of liquid. See docs/profiles.md. */
export const ownFilters = {
  /** A word for a shell; a list as so many words. */
  sh: (value: unknown): string =>
    Array.isArray(value)
      ? value.map((each) => shellWord(String(each))).join(' ')
      : shellWord(textOf(value)),
  /** What stands before the first separator; all of it when there is none. */
  before: (value: unknown, separator: unknown): string =>
    textOf(value).split(textOf(separator), 1)[0] ?? '',
  /** What stands after the first separator; nothing when there is none. */
  after: (value: unknown, separator: unknown): string => {
    const text = textOf(value);
    const at = text.indexOf(textOf(separator));
    return at === -1 ? '' : text.slice(at + textOf(separator).length);
  },
};

function textOf(value: unknown): string {
  return scalarText(value) ?? '';
}
