import { messageOf } from '../../runtime/errors.ts';
import { readYaml } from '../yaml-values.ts';
import { badTemplate, badValue, missingValue, type Piece, type Slot } from './pieces.ts';
import type { ProfileProblem } from './types.ts';

export type UserData = Readonly<Record<string, unknown>>;

/**
 * A part of Ubuntu's user-data: YAML in which each value stands for a whole scalar or list. Values
 * are put in after the text has been read, so nothing in them can be taken for YAML.
 */
export function readUserData(
  pieces: readonly Piece[],
  file: string,
): { readonly value: UserData; readonly problems: readonly ProfileProblem[] } {
  const slots: Slot[] = [];
  const text = pieces
    .map((piece) => (typeof piece === 'string' ? piece : `"${mark(slots.push(piece) - 1)}"`))
    .join('');
  const problems: ProfileProblem[] = [];
  const used = new Set<number>();
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return fillText(value);
    if (Array.isArray(value)) return value.map(fill);
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
  };
  const fillText = (text: string): unknown => {
    const at = Number(/^\ue000(\d+)\ue000$/.exec(text)?.[1] ?? -1);
    const slot = slots[at];
    if (slot === undefined) return text;
    used.add(at);
    const value = slot.value ?? undefined;
    if (value === undefined) problems.push(missingValue(slot));
    else if (!isPlain(value))
      problems.push(badValue(slot, 'expected a text, a number, yes or no, or a list'));
    return value;
  };
  try {
    const value = fill(readYaml(text) ?? {});
    for (const [at, slot] of slots.entries()) {
      if (used.has(at)) continue;
      const why = 'expected to stand for a whole value, outside of quotes and of | and > texts';
      problems.push(badTemplate(slot.place, `{{ ${slot.expression} }}: ${why}`));
    }
    if (isMapping(value)) return { value, problems };
    return {
      value: {},
      problems: [badTemplate({ file, line: 1 }, 'expected keys, as in user-data')],
    };
  } catch (thrown) {
    return { value: {}, problems: [yamlProblem(thrown, text, file)] };
  }
}

/** Lists one after the other, mappings into each other; of anything else the later one. */
export function mergeUserData(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second];
  if (!isMapping(first) || !isMapping(second)) return second;
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      key in first && key in second
        ? mergeUserData(first[key], second[key])
        : (second[key] ?? first[key]),
    ]),
  );
}

// Of a private area, so that no template has it by chance.
function mark(index: number): string {
  return `\ue000${index}\ue000`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return (
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every(isPlain))
  );
}

function yamlProblem(thrown: unknown, text: string, file: string): ProfileProblem {
  const position: unknown = thrown instanceof Error && 'pos' in thrown ? thrown.pos : undefined;
  const offset = Array.isArray(position) ? Number(position[0]) : 0;
  const line = text.slice(0, offset).split('\n').length;
  const message = messageOf(thrown).replaceAll(/\ue000\d+\ue000/g, '{{ … }}');
  return badTemplate({ file, line }, `expected YAML, got: ${message}`);
}
