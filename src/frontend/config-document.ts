import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** A place in the text; both count from 1. */
export type TextPosition = { readonly line: number; readonly column: number };

export type ConfigText = {
  /** Plain objects, arrays, strings, numbers, booleans and null. */
  readonly value: unknown;
  /** Where the value, or the key, under this path of keys stands; else its nearest parent. */
  readonly locate: (path: readonly string[], what: 'key' | 'value') => TextPosition;
  /** What is wrong with the text as YAML 1.2. */
  readonly problems: readonly (TextPosition & { readonly message: string })[];
};

// Names that plain objects have already; a schema would pass over them in silence.
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads a YAML text and remembers where everything stands. Does not throw. */
export function readConfigText(text: string): ConfigText {
  const lineCounter = new LineCounter();
  const options = {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'silent',
  } as const;
  const document = parseDocument(text, options);
  const positionAt = (offset: number): TextPosition => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    ...positionAt(pos[0]),
    message: `expected YAML, got: ${message}`,
  }));
  visit(document, {
    Alias: (_, alias) => {
      const message = `expected a plain value, got the alias '*${alias.source}'`;
      problems.push({ ...positionAt(alias.range?.[0] ?? 0), message });
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) || !reservedKeys.has(String(key.value))) return;
      const message = `expected a key of this file, got '${key.value}'`;
      problems.push({ ...positionAt(key.range?.[0] ?? 0), message });
    },
  });
  return {
    value: problems.length > 0 ? undefined : (document.toJS() ?? {}),
    locate: (path, what) => positionAt(offsetOf(document.contents, path, what)),
    problems,
  };
}

function offsetOf(root: Node | null, path: readonly string[], what: 'key' | 'value'): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const [depth, name] of path.entries()) {
    const { key, value } = childOf(node, name);
    const wanted = depth === path.length - 1 && what === 'key' ? key : value;
    offset = startOf(wanted) ?? startOf(key) ?? offset;
    node = value;
  }
  return offset;
}

function childOf(
  node: unknown,
  name: string,
): { readonly key?: unknown; readonly value?: unknown } {
  if (isSeq(node)) return { value: node.items[Number(name)] };
  if (!isMap(node)) return {};
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === name) ?? {};
}

function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range?.[0];
}
