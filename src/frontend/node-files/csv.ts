import * as v from 'valibot';
import type { AttributeValue } from '../attributes/types.ts';
import { formatAttributeValue, parseAttributeValue } from '../attributes/words.ts';
import { nearestWord } from '../nearest-word.ts';
import type { NodePatch } from '../nodes/documents.ts';
import type { DhcpOptionValue } from '../nodes/types.ts';
import { type CsvRow, parseCsv, renderCsv } from './csv-table.ts';
import type { ExportedNode, FileProblem, NodeEntries, NodeEntry } from './types.ts';

const columns = ['name', 'macs', 'address', 'uuid', 'role', 'rack', 'rank', 'classes'] as const;
type Column = (typeof columns)[number];
const synonyms = new Map<string, Column>([
  ...columns.map((column) => [column, column] as const),
  ...([
    ['node', 'name'],
    ['host', 'name'],
    ['hostname', 'name'],
  ] as const),
  ...([
    ['mac', 'macs'],
    ['ip', 'address'],
    ['class', 'classes'],
  ] as const),
]);

/** What unsets a cell's value; an empty cell says nothing. */
const none = 'none';
/** Before what cannot be said otherwise. */
const exact = 'json:';

type Head =
  | { readonly kind: 'field'; readonly name: Column }
  | { readonly kind: 'attr'; readonly name: string }
  | { readonly kind: 'option'; readonly name: string };

/**
 * A table of nodes: a header line with `name`, `macs`, `address`, `uuid`, `role`, `rack`, `rank`,
 * `classes`, `attr:NAME`, `option:NAME`, in any order. Does not throw.
 */
export function readCsv(text: string, file: string): NodeEntries {
  const parsed = parseCsv(text);
  if ('message' in parsed) return failed({ place: { file, line: parsed.line }, ...parsed });
  const [header, ...rows] = parsed.rows;
  const place = { file, line: header?.line ?? 1 };
  const heads = (header?.cells ?? []).map((cell) => headOf(cell.trim()));
  const wrong = heads.find((head) => typeof head === 'string') ?? missing(heads, header);
  if (typeof wrong === 'string') return failed({ place, message: wrong });
  const known = heads.filter((head) => typeof head !== 'string');
  const problems: FileProblem[] = [];
  const entries = rows.flatMap((row) => {
    const entry = readRow(row, known, file);
    if (typeof entry !== 'string') return [entry];
    problems.push({ place: { file, line: row.line }, message: entry });
    return [];
  });
  return { entries, problems, skippedCount: 0 };
}

export function renderNodesCsv(nodes: readonly ExportedNode[]): string {
  const namesOf = (names: (node: ExportedNode) => Iterable<string>) =>
    [...new Set(nodes.flatMap((node) => [...names(node)]))].toSorted();
  const options = namesOf(({ node }) => Object.keys(node.dhcpOptions));
  const attributes = namesOf((each) => each.attributes.keys());
  const header = [
    ...columns,
    ...options.map((name) => `option:${name}`),
    ...attributes.map((name) => `attr:${name}`),
  ];
  const rows = nodes.map(({ node, attributes: values }) => [
    ...[node.name, node.macs.join(' '), node.address ?? '', node.uuid ?? '', node.role],
    ...[node.rack ?? none, node.rank ?? none].map(String),
    node.clientClasses === undefined ? '' : renderClasses(node.clientClasses),
    ...options.map((name) => renderOption(node.dhcpOptions[name])),
    ...attributes.map((name) => renderAttribute(values.get(name))),
  ]);
  return renderCsv([header, ...rows]);
}

function failed(problem: FileProblem): NodeEntries {
  return { entries: [], problems: [problem], skippedCount: 0 };
}

/** A column, or what is wrong with its name. */
function headOf(text: string): Head | string {
  const [, kind, name = ''] = /^(attr|option):(.+)$/s.exec(text) ?? [];
  if (kind === 'attr' || kind === 'option') return { kind, name };
  const field = synonyms.get(text);
  if (field !== undefined) return { kind: 'field', name: field };
  const near = nearestWord(text, [...synonyms.keys()]);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const expected = `expected a header with ${columns.join(', ')}, attr:NAME, option:NAME`;
  return `${expected}, got ${JSON.stringify(text.slice(0, 64))}${hint}`;
}

function missing(heads: readonly (Head | string)[], header: CsvRow | undefined) {
  const keys = heads.map((head) => JSON.stringify(head));
  const again = keys.findIndex((key, at) => keys.indexOf(key) < at);
  if (again >= 0) return `expected each column once, got '${header?.cells[again]}' again`;
  const hasName = keys.includes(JSON.stringify({ kind: 'field', name: 'name' }));
  return hasName ? undefined : "expected a header line with a column 'name', got none";
}

/** What the row says, or what is wrong with it. */
function readRow({ cells, line }: CsvRow, heads: readonly Head[], file: string) {
  if (cells.length !== heads.length) {
    return `expected ${heads.length} cells as in the header, got ${cells.length}`;
  }
  const settings: { -readonly [Key in keyof NodePatch]: NodePatch[Key] } = {};
  const options = new Map<string, DhcpOptionValue | null>();
  const attributes = new Map<string, AttributeValue>();
  let name = '';
  for (const [at, head] of heads.entries()) {
    const cell = cells[at] ?? '';
    if (cell === '') continue;
    try {
      if (head.kind === 'attr') attributes.set(head.name, readAttribute(cell));
      else if (head.kind === 'option') options.set(head.name, readOption(cell));
      else if (head.name === 'name') name = cell.trim();
      else Object.assign(settings, readField(head.name, cell.trim()));
    } catch {
      // Of an attribute it may be a secret.
      const got = head.kind === 'attr' ? 'something else' : JSON.stringify(cell.slice(0, 80));
      return `${columnName(head)}: expected a value, got ${got}`;
    }
  }
  if (name === '') return 'expected a name, got none';
  const place = { file, line };
  const dhcpOptions = options.size === 0 ? {} : { dhcpOptions: Object.fromEntries(options) };
  const entry: NodeEntry = {
    ...{ place, name, attributes, isWhole: true },
    settings: { ...settings, ...dhcpOptions },
  };
  return entry;
}

function columnName({ kind, name }: Head): string {
  return kind === 'field' ? name : `${kind}:${name}`;
}

function readField(name: Exclude<Column, 'name'>, cell: string): NodePatch {
  switch (name) {
    case 'macs':
      return { macs: cell.split(/[\s;,]+/) };
    case 'role':
      return { role: cell };
    case 'rack':
    case 'rank':
      return { [name]: cell === none ? null : v.parse(placeSchema, cell) };
    case 'classes':
      return { clientClasses: cell === none ? null : readClasses(cell) };
    case 'address':
    case 'uuid':
      return { [name]: cell === none ? null : cell };
  }
}

const placeSchema = v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number));
const texts = v.array(v.string());
const optionItem = v.union([v.string(), v.number()]);
const optionSchema = v.union([optionItem, v.array(optionItem)]);
const attributeSchema = v.union([v.string(), v.number(), v.boolean(), texts]);

function readClasses(cell: string): string[] {
  return cell.startsWith(exact) ? v.parse(texts, exactly(cell)) : cell.split(/\s+/);
}

function renderClasses(classes: readonly string[]): string {
  const text = classes.join(' ');
  const isPlain = text !== '' && text !== none && !text.startsWith(exact);
  return isPlain ? text : exact + JSON.stringify(classes);
}

function readOption(cell: string): DhcpOptionValue | null {
  if (cell === none) return null;
  return cell.startsWith(exact) ? v.parse(optionSchema, exactly(cell)) : cell;
}

function renderOption(value: DhcpOptionValue | undefined): string {
  if (value === undefined) return '';
  const isText = typeof value === 'string';
  const isPlain = isText && value !== '' && value !== none && !value.startsWith(exact);
  return isPlain ? value : exact + JSON.stringify(value);
}

function readAttribute(cell: string): AttributeValue {
  const isExact = cell.startsWith(exact);
  return isExact ? v.parse(attributeSchema, exactly(cell)) : parseAttributeValue(cell);
}

function renderAttribute(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  const text = formatAttributeValue(value);
  const isSame = JSON.stringify(parseAttributeValue(text)) === JSON.stringify(value);
  return isSame && !text.startsWith(exact) ? text : exact + JSON.stringify(value);
}

function exactly(cell: string): unknown {
  return JSON.parse(cell.slice(exact.length));
}
