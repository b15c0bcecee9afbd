import {
  badTemplate,
  badValue,
  type Piece,
  type Slot,
  scalarText,
  type Written,
} from './pieces.ts';
import type { ProfileProblem } from './types.ts';

// `@^minimal-environment`, `-plymouth`, `glibc.i686`, `kernel*`, `g++`, `libc6:i386`.
const packageName = /^-?@?\^?[A-Za-z0-9][A-Za-z0-9_.+:~*-]*$/;

/** Packages, one a line; of a list, each on its line. Nothing but names comes out. */
export function writePackages(pieces: readonly Piece[], file: string): Written {
  const problems: ProfileProblem[] = [];
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const names = namesOf(piece);
    if (typeof names === 'string') text += names;
    else problems.push(names);
  }
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)#.*/, '').trim());
  if (problems.length === 0) {
    for (const [at, line] of lines.entries()) {
      if (line === '' || packageName.test(line)) continue;
      const place = { file, line: at + 1 };
      problems.push(badTemplate(place, 'expected the name of a package on each line'));
    }
  }
  return { text: lines.filter((line) => line !== '').join('\n'), problems };
}

function namesOf(slot: Slot): string | ProfileProblem {
  const values: readonly unknown[] = Array.isArray(slot.value) ? slot.value : [slot.value];
  const names = values.map((value) => scalarText(value) ?? '');
  const wrong = names.find((name) => !packageName.test(name));
  if (wrong === undefined) return names.join('\n');
  return badValue(slot, 'expected names of packages: letters, digits, + - . _ : * @ ^');
}
