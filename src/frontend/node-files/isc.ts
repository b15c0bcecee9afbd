import { isIPv4 } from 'node:net';
import type { FileProblem, HostLine, HostLines } from './types.ts';
import { looseMac, shortName } from './words.ts';

type Token = { readonly text: string; readonly line: number };
type Block = { readonly name: Token; readonly statements: readonly (readonly Token[])[] };

/**
 * The `host NAME { hardware ethernet …; fixed-address …; }` of a dhcpd.conf, wherever they stand;
 * everything else is passed over. `option host-name` goes before NAME.
 */
export function readIsc(text: string, file: string): HostLines {
  const hosts: HostLine[] = [];
  const problems: FileProblem[] = [];
  const { blocks, unclosed } = blocksOf(tokensOf(text));
  for (const { name, statements } of blocks) {
    const found = hostOf(name, statements);
    if ('host' in found) hosts.push({ place: { file, line: name.line }, ...found.host });
    else problems.push({ place: { file, line: found.line }, message: found.message });
  }
  if (unclosed !== undefined) {
    const message = `expected '}' and ';' as the statements of host '${unclosed.text}' need them`;
    problems.push({ place: { file, line: unclosed.line }, message: `${message}, got the end` });
  }
  return { hosts, problems, skippedCount: 0 };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [part] of text.matchAll(/\n|#[^\n]*|"(?:\\.|[^"\\])*"|[{};,]|[^\s{};,"#]+|"/gs)) {
    if (!part.startsWith('#') && part !== '\n') tokens.push({ text: part, line });
    line += part.split('\n').length - 1;
  }
  return tokens;
}

function blocksOf(tokens: readonly Token[]): {
  readonly blocks: readonly Block[];
  readonly unclosed: Token | undefined;
} {
  const blocks: Block[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const name = tokens[at + 1];
    if (tokens[at]?.text !== 'host' || tokens[at + 2]?.text !== '{' || name === undefined) continue;
    const block = statementsFrom(tokens, at + 3);
    if (block === undefined) return { blocks, unclosed: name };
    blocks.push({ name, statements: block.statements });
    at = block.end;
  }
  return { blocks, unclosed: undefined };
}

/** Up to the brace that closes it; what stands in braces of its own is left out. */
function statementsFrom(tokens: readonly Token[], start: number) {
  const statements: Token[][] = [];
  let statement: Token[] = [];
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.text === '}' && depth === 0) {
      return statement.length > 0 ? undefined : { statements, end: at };
    }
    if (token.text === '{') depth += 1;
    else if (token.text === '}') {
      depth -= 1;
      if (depth === 0) statement = [];
    } else if (token.text === ';' && depth === 0) {
      statements.push(statement);
      statement = [];
    } else if (depth === 0) statement.push(token);
  }
  return undefined;
}

type Wrong = { readonly line: number; readonly message: string };

function hostOf(
  name: Token,
  statements: readonly (readonly Token[])[],
): { readonly host: Omit<HostLine, 'place'> } | Wrong {
  const of = (...words: readonly string[]) =>
    statements.find((each) => words.every((word, at) => each[at]?.text === word));
  const card = of('hardware');
  const mac = card?.[1]?.text === 'ethernet' ? looseMac(card[2]?.text ?? '') : undefined;
  if (mac === undefined) {
    const message = `expected 'hardware ethernet MAC;' of host '${name.text}'`;
    return { line: card?.[0]?.line ?? name.line, message: `${message}, got ${written(card)}` };
  }
  const fixed = of('fixed-address');
  const address = fixed?.[1]?.text;
  if (fixed !== undefined && (fixed.length !== 2 || !isIPv4(address ?? ''))) {
    const message = `expected one IPv4 address after fixed-address of host '${name.text}'`;
    return { line: fixed[0]?.line ?? name.line, message: `${message}, got ${written(fixed)}` };
  }
  const hostName = of('option', 'host-name')?.[2]?.text.replaceAll('"', '');
  return { host: { name: shortName(hostName ?? name.text), macs: [mac], address } };
}

function written(statement: readonly Token[] | undefined): string {
  const text = (statement ?? []).map((token) => token.text).join(' ');
  return text === '' ? 'none' : JSON.stringify(text.slice(0, 80));
}
