import {
  badTemplate,
  badValue,
  missingValue,
  type Piece,
  plainText,
  type Slot,
  type Written,
} from './pieces.ts';
import { createShellReader } from './shell-state.ts';
import { shellWord } from './shell-word.ts';
import type { Place, ProfileProblem } from './types.ts';

/**
 * A POSIX shell script: each value is one word, whatever is in it, and a list so many words. A
 * value inside of quotes, a here-document or a comment is refused: it would be quoted twice, or not
 * at all.
 */
export function writeShell(pieces: readonly Piece[], file: string): Written {
  const reader = createShellReader();
  const problems: ProfileProblem[] = [];
  let text = '';
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece === 'string') {
      reader.read(piece);
      text += piece;
      continue;
    }
    const word = wordOf(piece, { state: reader.state(), before: text, after: pieces[at + 1] });
    if (typeof word !== 'string') problems.push(word);
    else text += word;
    reader.readWord();
  }
  if (!reader.isWhole() && problems.length === 0) problems.push(unfinished(file, text));
  return { text, problems };
}

type Around = {
  readonly state: string;
  readonly before: string;
  readonly after: Piece | undefined;
};

function wordOf(slot: Slot, { state, before, after }: Around): string | ProfileProblem {
  if (state !== 'code') {
    const why = `a value cannot stand in ${state}: it is quoted by itself; end them before it`;
    return badTemplate(slot.place, `{{ ${slot.expression} }}: ${why}`);
  }
  if (before.endsWith('\\') || before.endsWith('$')) {
    const why = `a value cannot stand right behind '${before.slice(-1)}'`;
    return badTemplate(slot.place, `{{ ${slot.expression} }}: ${why}`);
  }
  if (!Array.isArray(slot.value)) {
    const text = plainText(slot);
    return typeof text === 'string' ? shellWord(text) : text;
  }
  const standsAlone =
    /\S[ \t]+$/.test(before) && (after === undefined || /^[\s;)]/.test(String(after)));
  if (!standsAlone) {
    return badValue(slot, 'a list stands for several words: expected a space before and after it');
  }
  if (slot.value.some((each) => each === null || each === undefined)) return missingValue(slot);
  return slot.value.map((each) => shellWord(String(each))).join(' ');
}

function unfinished(file: string, text: string): ProfileProblem {
  const place: Place = { file, line: text.split('\n').length };
  return badTemplate(
    place,
    'expected the script to end outside of quotes, here-documents and substitutions; ' +
      "behind $'…', and case inside of $(…), nothing is seen",
  );
}
