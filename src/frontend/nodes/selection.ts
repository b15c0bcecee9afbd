import { nearestWord } from '../nearest-word.ts';
import { NodesError } from './errors.ts';
import {
  expandPattern,
  isPattern,
  mostNames,
  type NumberRange,
  parseRanges,
} from './name-pattern.ts';
import type { Nodes } from './node-index.ts';
import type { BootState, MachineNode } from './types.ts';

/** What is read of the nodes. */
export type Selectable = Pick<Nodes, 'byName' | 'all'>;

const shownNames = 5;
const longestWord = 1024;
const states: readonly BootState[] = ['os', 'install', 'booting', 'installing', 'failed'];
const keys = ['rack', 'rank', 'role', 'state', 'action'] as const;

/**
 * The nodes that words of a command line mean, in their usual order: `compute-0-1`,
 * `compute-[0-3]-[0,2,4-7]`, `rack=0-3`, `rank=0`, `role=compute`, `state=failed`,
 * `action=install`, `all`. Words are a union; commas in a word, outside of brackets, an
 * intersection. Throws NodesError: `unknown` for a name that no node has, `nothing-selected` for
 * brackets that stand for no node at all, `bad-selection` for what is of no such form. Conditions
 * may hold for no node.
 */
export function selectNodes(nodes: Selectable, words: readonly string[]): readonly MachineNode[] {
  const unknown = new Set<string>();
  const budget = { names: mostNames };
  const chosen = new Set<MachineNode>();
  for (const word of words) {
    for (const node of selectWord(word, { nodes, unknown, budget })) chosen.add(node);
  }
  if (unknown.size > 0) throw unknownNames([...unknown]);
  return nodes.all().filter((node) => chosen.has(node));
}

/**
 * As selectNodes, for words that were good once: one that stands for no node any more chooses none,
 * and the others hold.
 */
export function selectRemaining(
  nodes: Selectable,
  words: readonly string[],
): readonly MachineNode[] {
  const context = { nodes, unknown: new Set<string>(), budget: { names: mostNames } };
  const chosen = new Set(words.flatMap((word) => remainingOf(word, context)));
  return nodes.all().filter((node) => chosen.has(node));
}

/** As selectNodes, for what is to be done: throws `nothing-selected` rather than choosing none. */
export function selectSome(nodes: Selectable, words: readonly string[]): readonly MachineNode[] {
  const chosen = selectNodes(nodes, words);
  if (chosen.length > 0) return chosen;
  const what = words.length === 0 ? 'a selection of nodes' : `a node of ${shown(words.join(' '))}`;
  throw new NodesError('nothing-selected', `expected ${what}, found none; see 'scree node list'`);
}

type Context = {
  readonly nodes: Selectable;
  readonly unknown: Set<string>;
  /** How many names brackets may still stand for. */
  readonly budget: { names: number };
};

function remainingOf(word: string, context: Context): readonly MachineNode[] {
  try {
    return selectWord(word, context);
  } catch (error) {
    if (error instanceof NodesError) return [];
    throw error;
  }
}

function selectWord(word: string, context: Context): readonly MachineNode[] {
  if (word.length > longestWord) {
    const message = `expected a word of at most ${longestWord} characters, got ${word.length}`;
    throw new NodesError('bad-selection', message);
  }
  const [first = '', ...others] = word.split(/,(?![^[]*\])/);
  return others.reduce<readonly MachineNode[]>(
    (chosen, term) => {
      const also = new Set(selectTerm(term, context));
      return chosen.filter((node) => also.has(node));
    },
    selectTerm(first, context),
  );
}

function selectTerm(term: string, context: Context): readonly MachineNode[] {
  const { nodes } = context;
  if (term === 'all') return nodes.all();
  const at = term.indexOf('=');
  if (at >= 0) return nodes.all().filter(conditionOf(term.slice(0, at), term.slice(at + 1)));
  if (isPattern(term)) return selectPattern(term, context);
  const node = nodes.byName(term);
  if (node === undefined) context.unknown.add(term);
  return node === undefined ? [] : [node];
}

function selectPattern(term: string, { nodes, budget }: Context): readonly MachineNode[] {
  const names = expandPattern(term);
  budget.names -= names.length;
  if (budget.names < 0) {
    const message = `expected brackets for at most ${mostNames} names in all`;
    throw new NodesError('bad-selection', `${message}, got more at ${shown(term)}`);
  }
  const found = names.flatMap((name) => nodes.byName(name) ?? []);
  if (found.length > 0) return found;
  const tried = names.length === 1 ? `'${names[0]}'` : `'${names[0]}' to '${names.at(-1)}'`;
  const message = `expected ${shown(term)} to name at least one node, found none of ${tried}`;
  throw new NodesError('nothing-selected', `${message}; see 'scree node list'`);
}

function conditionOf(key: string, value: string): (node: MachineNode) => boolean {
  switch (keys.find((each) => each === key)) {
    case 'rack':
      return placeCondition('rack', value);
    case 'rank':
      return placeCondition('rank', value);
    case 'role':
      return ({ role }) => role === value;
    case 'state':
      if (!states.some((state) => state === value))
        throw unknownWord('a boot state', value, states);
      return ({ bootState }) => bootState === value;
    case 'action':
      return ({ bootAction }) => bootAction === value;
    case undefined:
      throw unknownWord('a condition', key, keys);
  }
}

function placeCondition(key: 'rack' | 'rank', value: string): (node: MachineNode) => boolean {
  if (value === 'none') return (node) => node[key] === undefined;
  const ranges = parseRanges(value.replace(/^\[(.*)\]$/, '$1'));
  if (ranges === undefined) {
    const expected = `expected numbers for '${key}=', such as 2, 0-3, [0,2,4-7], or none`;
    throw new NodesError('bad-selection', `${expected}, got ${shown(value)}`);
  }
  const isIn =
    (place: number) =>
    ({ first, last }: NumberRange) =>
      place >= first && place <= last;
  return (node) => {
    const place = node[key];
    return place !== undefined && ranges.some(isIn(place));
  };
}

function unknownWord(what: string, word: string, known: readonly string[]): NodesError {
  const near = nearestWord(word, known);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const message = `expected ${what} (${known.join(', ')}), got ${shown(word)}${hint}`;
  return new NodesError('bad-selection', message);
}

/** Of names that were given as such. */
export function unknownNames(names: readonly string[]): NodesError {
  const list = names.slice(0, shownNames).map(shown).join(', ');
  const rest = names.length - shownNames;
  const more = rest > 0 ? ` and ${rest} more` : '';
  const advice = "see 'scree node list'";
  return new NodesError('unknown', `expected the names of nodes, got ${list}${more}; ${advice}`);
}

function shown(text: string): string {
  return `'${text.length > 64 ? `${text.slice(0, 63)}…` : text}'`;
}
