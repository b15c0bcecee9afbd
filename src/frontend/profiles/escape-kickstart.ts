import { badTemplate, badValue, type Piece, plainText, type Slot, type Written } from './pieces.ts';
import { shellWord } from './shell-word.ts';
import type { ProfileProblem } from './types.ts';

/**
 * Commands of a kickstart, one a line, read as Python's shlex does: each value is one word of its
 * line. Values of several lines are refused, since there is no way to write them.
 */
export function writeKickstart(pieces: readonly Piece[], file: string): Written {
  const problems: ProfileProblem[] = [];
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const word = wordOf(piece, text.slice(text.lastIndexOf('\n') + 1));
    if (typeof word === 'string') text += word;
    else problems.push(word);
  }
  if (problems.length === 0) problems.push(...lineProblems(text, file));
  return { text: text.replace(/\n(?:[ \t]*\n)+/g, '\n').replace(/^\n/, ''), problems };
}

function wordOf(slot: Slot, before: string): string | ProfileProblem {
  const state = stateAfter(before);
  if (state !== 'code') {
    const why = `a value cannot stand in ${state}: it is quoted by itself`;
    return badTemplate(slot.place, `{{ ${slot.expression} }}: ${why}`);
  }
  const text = plainText(slot);
  if (typeof text !== 'string') return text;
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) {
    return badValue(slot, 'expected one line without control characters: a command is one line');
  }
  if (text.startsWith('-') && !/\S$/.test(before)) {
    return badValue(slot, 'expected no - at its beginning: it would be taken for an option');
  }
  return shellWord(text);
}

type LineState = 'code' | 'quotes' | 'a comment' | 'an escape';

/** As shlex.split(line, comments=True) has it, where `#` begins a comment in words too. */
function stateAfter(line: string): LineState {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === line.length) return 'an escape';
    } else if (character === quote) quote = '';
    else if (quote === '' && /["']/.test(character)) quote = character;
    else if (quote === '' && character === '#') return 'a comment';
  }
  return quote === '' ? 'code' : 'quotes';
}

function lineProblems(text: string, file: string): readonly ProfileProblem[] {
  let isAddon = false;
  return text.split('\n').flatMap((line, at) => {
    const place = { file, line: at + 1 };
    const state = stateAfter(line);
    if (state === 'quotes' || state === 'an escape') {
      return [
        badTemplate(place, `expected the line of ${firstWord(line)} to end outside of quotes`),
      ];
    }
    if (!line.startsWith('%')) return [];
    const word = firstWord(line);
    if (word === '%addon' || (word === '%end' && isAddon)) {
      isAddon = word === '%addon';
      return [];
    }
    if (word === '%include') return [];
    const message = `expected commands, %include or %addon, got ${word}; scripts and packages have files of their own`;
    return [badTemplate(place, message)];
  });
}

/** Of what comes out no more is told: a secret may be in it. */
function firstWord(line: string): string {
  return line.trimStart().split(/\s/, 1)[0] ?? '';
}
