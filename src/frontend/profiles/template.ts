import {
  CaptureTag,
  type Context,
  type Emitter,
  Liquid,
  LiquidError,
  type Template as Node,
  Output,
} from 'liquidjs';
import { messageOf } from '../../runtime/errors.ts';
import { conditionsOf, isCondition } from './condition-syntax.ts';
import { ownFilters } from './filters.ts';
import { badTemplate, type Piece, type Slot } from './pieces.ts';
import type { Place, ProfileProblem } from './types.ts';

/** What templates see: attributes by name, and what the install adds. */
export type Scope = Readonly<Record<string, unknown>>;

export type Used = { readonly name: string; readonly place: Place };

export type Template = {
  readonly file: string;
  /** Names that have to be in the scope, each once, where it stands first. */
  readonly uses: readonly Used[];
  readonly render: (scope: Scope) => {
    readonly pieces: readonly Piece[];
    readonly problems: readonly ProfileProblem[];
  };
};

export type Condition = {
  readonly text: string;
  readonly uses: readonly Used[];
  readonly holds: (scope: Scope) => boolean | ProfileProblem;
};

// They write values past the section's format, or read files.
const unwantedTags = [
  ...['echo', 'liquid', 'cycle', 'increment', 'decrement', 'tablerow'],
  ...['include', 'render', 'layout', 'block'],
];

/** Slots of the one rendering that is going on: rendering is synchronous. */
let slots: Slot[] = [];

// No value and no template holds a zero byte.
const marker = /\0(\d+)\0/g;

/** What is captured is text to go on with; it is quoted where it is put out. */
class PlainCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    const locals: Record<string, unknown> = context.bottom();
    for (const [name, value] of Object.entries(locals)) {
      if (typeof value === 'string') locals[name] = value.replace(marker, plainSlot);
    }
  }
}

const engine = createEngine();

/** A template in liquid's language. `line` is where the text begins in its file. */
export function parseTemplate(
  text: string,
  { file, line }: Place,
): Template | { readonly problems: readonly ProfileProblem[] } {
  if (text.includes('\0')) {
    return { problems: [badTemplate({ file, line }, 'expected a text without zero bytes')] };
  }
  const wrong = conditionsOf(text).filter((condition) => !isCondition(condition.text));
  if (wrong.length > 0)
    return { problems: wrong.map((each) => noCondition(each, text, { file, line })) };
  try {
    const nodes = engine.parse(text);
    for (const output of outputsOf(nodes)) placeSlot(output, { file, line });
    const render = (scope: Scope) => renderPieces(nodes, scope, { file, line });
    return { file, uses: usesOf(nodes, { file, line }), render };
  } catch (thrown) {
    return { problems: problemsOf(thrown, { file, line }) };
  }
}

/** Liquid's expressions: `disk-layout == "lvm" and (rack > 3 or users contains "alice")`. */
export function parseCondition(
  text: string,
  place: Place,
): Condition | { readonly problems: readonly ProfileProblem[] } {
  if (text.includes('%}'))
    return { problems: [badTemplate(place, 'expected a condition without %}')] };
  const template = parseTemplate(`{% if ${text} %}1{% endif %}`, place);
  if ('problems' in template) return template;
  const holds = (scope: Scope) => {
    const { pieces, problems } = template.render(scope);
    return problems[0] ?? pieces.length > 0;
  };
  return { text, uses: template.uses, holds };
}

function noCondition(
  { text: condition, at }: { readonly text: string; readonly at: number },
  text: string,
  start: Place,
): ProfileProblem {
  const place = below(start, text.slice(0, at).split('\n').length);
  return badTemplate(
    place,
    `expected a condition such as disk-layout == "lvm" and rack > 2, got ${condition.trim()}`,
  );
}

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    jsTruthy: true,
    groupedExpressions: true,
    catchAllErrors: true,
    templates: {},
    renderLimit: 2000,
    memoryLimit: 1e7,
  });
  for (const name of unwantedTags) delete liquid.tags[name];
  liquid.registerTag('capture', PlainCapture);
  for (const [name, filter] of Object.entries(ownFilters)) liquid.registerFilter(name, filter);
  return liquid;
}

function plainSlot(_: string, index: string): string {
  const value = slots[Number(index)]?.value ?? '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function placeSlot(output: Output, start: Place): void {
  const { value, token } = output;
  const place = placeOf(token, start);
  const expression = token.getText().replace(/^\{\{-?\s*|\s*-?\}\}$/g, '');
  const isRaw = value.filters.at(-1)?.raw === true;
  output.render = function* render(context: Context, emitter: Emitter) {
    const written: unknown = yield value.value(context, false);
    if (isRaw) emitter.write(written);
    else emitter.write(`\0${slots.push({ value: written, expression, place }) - 1}\0`);
  };
}

function renderPieces(nodes: Node[], scope: Scope, start: Place): ReturnType<Template['render']> {
  slots = [];
  try {
    const parts = String(engine.renderSync(nodes, scope)).split(marker);
    const pieces = parts.flatMap((part, at) => (at % 2 === 0 ? part : (slots[Number(part)] ?? [])));
    return { pieces: pieces.filter((piece) => piece !== ''), problems: [] };
  } catch (thrown) {
    return { pieces: [], problems: problemsOf(thrown, start) };
  } finally {
    slots = [];
  }
}

function outputsOf(nodes: readonly Node[]): readonly Output[] {
  return nodes.flatMap((node) => {
    if (node instanceof Output) return [node];
    const children = node.children?.(false, true).next().value;
    return Array.isArray(children) ? outputsOf(children) : [];
  });
}

function usesOf(nodes: Node[], start: Place): readonly Used[] {
  const { globals } = engine.analyzeSync(nodes, { partials: false });
  return Object.entries(globals).flatMap(([name, [first]]) =>
    first === undefined ? [] : [{ name, place: below(start, first.location.row) }],
  );
}

function problemsOf(thrown: unknown, start: Place): readonly ProfileProblem[] {
  if (!LiquidError.is(thrown)) {
    const message = messageOf(thrown);
    return [{ code: 'bad-template', place: start, attribute: undefined, message }];
  }
  if ('errors' in thrown && Array.isArray(thrown.errors)) {
    return thrown.errors.flatMap((each) => problemsOf(each, start));
  }
  const place = placeOf(thrown.token, start);
  const text = messageOf(thrown).replace(/(?:, file:.*)?, line:\d+, col:\d+$/, '');
  const attribute = /^undefined variable: (.*)$/.exec(text)?.[1];
  if (attribute === undefined) {
    return [{ code: 'bad-template', place, attribute, message: `in this template: ${text}` }];
  }
  const message = `expected the attribute '${attribute}', found none; set or declare it`;
  return [{ code: 'missing-attribute', place, attribute, message }];
}

function placeOf(token: { readonly getPosition: () => number[] }, start: Place): Place {
  return below(start, token.getPosition()[0] ?? 1);
}

function below({ file, line }: Place, row: number): Place {
  return { file, line: line + row - 1 };
}
