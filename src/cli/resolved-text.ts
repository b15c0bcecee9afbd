import type { AttributesOfState } from '../frontend/attributes/main.ts';
import { renderTable } from '../runtime/table.ts';

type Resolved = ReturnType<AttributesOfState['document']>;
type Attributes = ReturnType<AttributesOfState['list']>;
type Format = AttributesOfState['formatValue'];

const longestValue = 100;

/** One machine: each attribute, its value and where that comes from. */
export function renderResolved(resolved: Resolved, format: Format): string {
  const { node, profile, os, attributes } = resolved;
  const head = ['ATTRIBUTE', 'VALUE', 'FROM'];
  const rows = attributes.map(({ name, value, origin }) => [
    name,
    shorten(format(value)),
    origin.target === null ? origin.kind : `${origin.kind} ${origin.target}`,
  ]);
  const title = `${node}: profile ${profile}, ${os ?? 'which there is not, or cannot be used'}\n`;
  return title + renderTable(head, rows);
}

export function renderAttributes(attributes: Attributes, format: Format): string {
  if (attributes.length === 0) {
    return "no attributes; set one with 'scree attr set --global NAME=VALUE'\n";
  }
  const rows = attributes.map(({ scope, target, name, value }) => [
    target === null ? scope : `${scope} ${target}`,
    name,
    shorten(format(value)),
  ]);
  return renderTable(['FOR', 'ATTRIBUTE', 'VALUE'], rows);
}

function shorten(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
