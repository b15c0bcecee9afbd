import { parseDocument, stringify } from 'yaml';

/** A value as YAML 1.2 that readers of YAML 1.1 take for the same: every text is quoted. */
export function writeYaml(value: unknown): string {
  const text = stringify(value, {
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    aliasDuplicateObjects: false,
  });
  // All such characters are inside of double quotes; other readers refuse or break lines at them.
  return text.replace(/(?!\n)[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu, escapeCharacter);
}

/** Throws YAMLError, whose message begins with what is wrong, or gives plain values. */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'silent',
  });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw error;
  return document.toJS({ maxAliasCount: 0 });
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
