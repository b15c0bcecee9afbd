import * as v from 'valibot';
import { readConfigText } from '../config-document.ts';
import { nearestWord } from '../nearest-word.ts';
import { writeYaml } from '../yaml-values.ts';
import type { ExportedNode, FileProblem, NodeEntries } from './types.ts';

const number = v.number();
const text = v.string();
const texts = v.array(text);
const optionItem = v.union([text, number]);

const entries = {
  name: text,
  macs: v.optional(
    v.union([
      v.pipe(
        text,
        v.transform((one) => [one]),
      ),
      texts,
    ]),
  ),
  address: v.optional(v.nullable(text)),
  uuid: v.optional(v.nullable(text)),
  role: v.optional(text),
  rack: v.optional(v.nullable(number)),
  rank: v.optional(v.nullable(number)),
  classes: v.optional(v.nullable(texts)),
  options: v.optional(
    v.nullable(v.record(text, v.nullable(v.union([optionItem, v.array(optionItem)])))),
  ),
  attributes: v.optional(v.record(text, v.union([text, number, v.boolean(), texts])), {}),
};
const nodeSchema = v.strictObject(entries);

/** A list of nodes, or one below `nodes:`. Does not throw. */
export function readNodesYaml(content: string, file: string): NodeEntries {
  const source = readConfigText(content);
  const problems: FileProblem[] = source.problems.map(({ line, message }) => ({
    place: { file, line },
    message,
  }));
  if (problems.length > 0) return { entries: [], problems, skippedCount: 0 };
  const { list, path } = listIn(source.value);
  if (list === undefined) {
    const message = 'expected a list of nodes, each with a name, got something else';
    return { entries: [], problems: [{ place: { file, line: 1 }, message }], skippedCount: 0 };
  }
  const found = list.flatMap((value, at) => {
    const here = [...path, String(at)];
    const result = v.safeParse(nodeSchema, value);
    if (!result.success) {
      problems.push(...result.issues.map((issue) => problemOf(issue, here, { source, file })));
      return [];
    }
    const { name, attributes, classes, options, ...rest } = result.output;
    const settings = {
      ...rest,
      ...(classes === undefined ? {} : { clientClasses: classes }),
      ...(options === undefined ? {} : { dhcpOptions: options }),
    };
    const place = { file, line: source.locate(here, 'value').line };
    return [
      { place, name, settings, attributes: new Map(Object.entries(attributes)), isWhole: true },
    ];
  });
  return { entries: found, problems, skippedCount: 0 };
}

export function renderNodesYaml(nodes: readonly ExportedNode[]): string {
  return writeYaml(
    nodes.map(({ node, attributes }) => ({
      name: node.name,
      macs: node.macs,
      ...(node.address === undefined ? {} : { address: node.address }),
      ...(node.uuid === undefined ? {} : { uuid: node.uuid }),
      role: node.role,
      rack: node.rack ?? null,
      rank: node.rank ?? null,
      ...(node.clientClasses === undefined ? {} : { classes: node.clientClasses }),
      ...(Object.keys(node.dhcpOptions).length === 0 ? {} : { options: node.dhcpOptions }),
      ...(attributes.size === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
    })),
  );
}

function listIn(value: unknown): {
  readonly list: readonly unknown[] | undefined;
  readonly path: readonly string[];
} {
  if (Array.isArray(value)) return { list: value, path: [] };
  const below = v.safeParse(v.strictObject({ nodes: v.array(v.unknown()) }), value);
  return { list: below.success ? below.output.nodes : undefined, path: ['nodes'] };
}

function problemOf(
  { path, expected, received }: v.BaseIssue<unknown>,
  here: readonly string[],
  { source, file }: { readonly source: ReturnType<typeof readConfigText>; readonly file: string },
): FileProblem {
  const keys = (path ?? []).map((item) => String(item.key));
  const isUnknown = expected === 'never';
  const { line } = source.locate([...here, ...keys], isUnknown ? 'key' : 'value');
  const [key = ''] = keys;
  const near = isUnknown ? nearestWord(key, Object.keys(entries)) : undefined;
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const message = isUnknown
    ? `unknown key '${key}': expected ${Object.keys(entries).join(', ')}${hint}`
    : `${keys.join('.') || 'node'}: expected ${expected}, got ${received}`;
  return { place: { file, line }, message };
}
