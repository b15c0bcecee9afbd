import { badTemplate, badValue, type Piece, plainText, type Slot, type Written } from './pieces.ts';
import type { ProfileProblem } from './types.ts';

const types = /^(?:string|select|multiselect|boolean|password|text|note|title|error|seen)$/;

/**
 * Answers for debconf: `owner question type value`, the value to the end of its line, as it is.
 * What such a line cannot hold is refused: several lines, spaces around it, a backslash at its end.
 */
export function writePreseed(pieces: readonly Piece[], file: string): Written {
  const problems: ProfileProblem[] = [];
  let text = '';
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const line = text.slice(text.lastIndexOf('\n') + 1);
    const isContinued = /\\\n[^\n]*$/.test(text);
    const value = answerOf(piece, {
      line: isContinued ? 'd-i x string y ' : line,
      after: pieces[at + 1],
    });
    if (typeof value === 'string') text += value;
    else problems.push(value);
  }
  if (problems.length === 0) problems.push(...lineProblems(text, file));
  return { text: text.replace(/\n(?:[ \t]*\n)+/g, '\n').replace(/^\n/, ''), problems };
}

type Around = { readonly line: string; readonly after: Piece | undefined };

function answerOf(slot: Slot, { line, after }: Around): string | ProfileProblem {
  const { expression, place } = slot;
  const text = plainText(slot);
  if (typeof text !== 'string') return text;
  if (!/^\s*[^\s#]\S*\s+\S+\s+\S+\s/.test(line)) {
    return badTemplate(place, `{{ ${expression} }}: expected behind owner, question and type`);
  }
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) {
    return badValue(slot, 'expected one line without control characters: an answer is one line');
  }
  const isFirst = /^\s*\S+\s+\S+\s+\S+\s+$/.test(line);
  const isLast =
    after === undefined || (typeof after === 'string' && /^[ \t]*(?:\n|$)/.test(after));
  if ((isFirst && /^\s/.test(text)) || (isLast && /\s$/.test(text))) {
    return badValue(slot, 'expected no spaces around it: the installer takes them away');
  }
  if (isLast && text.endsWith('\\')) {
    return badValue(slot, 'expected no backslash at its end: it would go on in the next line');
  }
  return text;
}

function lineProblems(text: string, file: string): readonly ProfileProblem[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    if (/^\s*(?:#|$)/.test(line) || lines[at - 1]?.endsWith('\\')) return [];
    const [, type] = /^\s*\S+\s+\S+\s+(\S+)/.exec(line) ?? [];
    if (type !== undefined && types.test(type)) return [];
    const place = { file, line: at + 1 };
    return [
      badTemplate(
        place,
        `expected owner, question, type and value, got a line with ${line.trimStart().split(/\s/, 1)[0]}`,
      ),
    ];
  });
}
