import type { BaseIssue } from 'valibot';
import type { ConfigText } from './config-document.ts';
import { renderPath } from './config-problem.ts';
import { configKeys } from './config-schema.ts';
import { nearestWord } from './nearest-word.ts';

/** What the schema says is wrong, in words and with its place in the text. */
export function describeIssue(
  issue: BaseIssue<unknown>,
  source: ConfigText,
): ConfigText['problems'][number] {
  const path = (issue.path ?? []).map((item) => String(item.key));
  if (issue.type !== 'never') {
    const where = path.length === 0 ? '' : `${renderPath(path)}: `;
    const message = `${where}${issue.message}, got ${render(issue.input)}`;
    return { ...source.locate(path, 'value'), message };
  }
  const parent = path.slice(0, -1);
  const place = parent.length === 0 ? '' : ` in '${renderPath(parent)}'`;
  const name = path.at(-1) ?? '';
  const message = `unknown key '${name}'${place}: ${issue.message}${suggestion(name, parent)}`;
  return { ...source.locate(path, 'key'), message };
}

/** The nearest key of the same mapping; else the same key where it belongs. */
function suggestion(name: string, parent: readonly string[]): string {
  const near = nearestWord(name, keysOf(parent));
  const guesses = near === undefined ? placesOf(name) : [near];
  return guesses.length === 0 ? '' : `; did you mean '${guesses.join("' or '")}'?`;
}

function keysOf(path: readonly string[]): readonly string[] {
  const isPath = (pattern: string) => {
    const parts = pattern === '' ? [] : pattern.split('.');
    return (
      parts.length === path.length && parts.every((part, at) => part === '*' || part === path[at])
    );
  };
  return [...configKeys].find(([pattern]) => isPath(pattern))?.[1] ?? [];
}

function placesOf(name: string): readonly string[] {
  const mappings = [...configKeys].filter(([, names]) => names.includes(name));
  return mappings.map(([pattern]) => {
    const parent = pattern.replace('.*', pattern.startsWith('boot.') ? '.<name>' : '[]');
    return parent === '' ? name : `${parent}.${name}`;
  });
}

function render(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
