import { AttributeError } from './errors.ts';
import type { AttributeScope, AttributeValue } from './types.ts';

const longestName = 63;
const longestTextBytes = 16 * 1024;
const mostItems = 256;
const longestTarget = 63;

/** Which profile a node installs; unset, it is the name of its role. */
export const profileAttribute = 'profile';

/** What a node says itself; nobody else may. */
export const builtInNames: ReadonlySet<string> = new Set([
  ...['name', 'address', 'mac', 'macs', 'uuid', 'role', 'rack', 'rank', 'os'],
  ...['frontend', 'frontend-url'],
]);

/** Throws AttributeError `bad-name`, or `built-in` for what cannot be set. */
export function readAttributeName(text: string): string {
  if (!/^[a-z][a-z\d-]*$/.test(text) || text.length > longestName) {
    const form = `a-z, digits and '-', beginning with a letter, at most ${longestName}`;
    const message = `expected an attribute's name such as time-zone: ${form}, got ${shown(text)}`;
    throw new AttributeError('bad-name', message);
  }
  if (!builtInNames.has(text)) return text;
  const message = `expected an attribute that can be set, got '${text}'`;
  throw new AttributeError('built-in', `${message}: it is what the node itself says`);
}

/** Texts may hold anything but NUL. Throws AttributeError `bad-value`. */
export function readAttributeValue(value: AttributeValue): AttributeValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new AttributeError('bad-value', `expected a finite number, got ${value}`);
  }
  const texts = typeof value === 'string' ? [value] : value;
  if (texts.length > mostItems) {
    const message = `expected a list of at most ${mostItems} texts, got ${texts.length}`;
    throw new AttributeError('bad-value', message);
  }
  for (const text of texts) checkText(text);
  return value;
}

/** Throws AttributeError `bad-scope`. */
export function readScope(scope: AttributeScope): AttributeScope {
  if (scope.kind === 'global') return scope;
  const { kind, target } = scope;
  const isRack = /^(?:0|[1-9]\d{0,4})$/.test(target);
  const isWord = /^[\w.-]+$/.test(target) && target.length <= longestTarget;
  if (kind === 'rack' ? isRack : isWord) return scope;
  const expected = kind === 'rack' ? 'the number of a rack' : `the name of a ${kind}`;
  throw new AttributeError('bad-scope', `expected ${expected}, got ${shown(target)}`);
}

/**
 * The value that a word of the command line means: `yes`, `no`, `true`, `false`, a number, a list
 * as JSON (`["a", "b"]`), else the text itself; what stands in double quotes is text always.
 */
export function parseAttributeValue(text: string): AttributeValue {
  if (/^(?:yes|true)$/.test(text)) return true;
  if (/^(?:no|false)$/.test(text)) return false;
  const isNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text);
  // A version 9.10 is not 9.1.
  if (isNumber && String(Number(text)) === text) return Number(text);
  const isJson = /^\[.*\]$|^".*"$/s.test(text);
  return isJson ? (parseJsonValue(text) ?? text) : text;
}

/** A word of the command line that means the value; text that could mean more is in quotes. */
export function formatAttributeValue(value: AttributeValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^[^@"\p{Cc}\p{Cs}][^\p{Cc}\p{Cs}]*$/u.test(value);
  return isPlain && parseAttributeValue(value) === value ? value : JSON.stringify(value);
}

function parseJsonValue(text: string): AttributeValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return isList ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed() || text.includes('\0')) {
    throw new AttributeError('bad-value', 'expected Unicode text without NUL, got something else');
  }
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= longestTextBytes) return;
  const message = `expected a text of at most ${longestTextBytes} bytes, got ${sizeBytes}`;
  throw new AttributeError('bad-value', message);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
