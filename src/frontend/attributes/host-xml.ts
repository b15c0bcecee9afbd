import Builder from 'fast-xml-builder';
import { targetOf } from './layers.ts';
import type { AttributeOrigin, AttributeValue, ResolvedAttribute, ResolvedHost } from './types.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  format: true,
});

/**
 * Resolved hosts as XML: `<hosts>` of `<host>`, each with all of its attributes, their types and
 * where they come from. Texts that XML 1.0 cannot hold have `encoding="base64"`. A secret has
 * `secret="yes"` and no value.
 */
export function renderHostXml(hosts: readonly ResolvedHost[]): string {
  const [only] = hosts;
  const content =
    hosts.length === 1 && only !== undefined
      ? { host: hostElement(only) }
      : { hosts: { host: hosts.map(hostElement) } };
  return `${declaration}\n${builder.build(content)}`;
}

function hostElement({ node, profile, os, attributes }: ResolvedHost) {
  return {
    '@name': node.name,
    '@profile': profile,
    ...(os === undefined ? {} : { '@os': os }),
    attr: [...attributes].map(attributeElement),
  };
}

function attributeElement([name, attribute]: readonly [string, ResolvedAttribute]) {
  const { value, isSecret, origin } = attribute;
  return {
    '@name': name,
    '@type': typeOf(value),
    '@origin': origin.kind,
    ...originTarget(origin),
    ...(isSecret ? { '@secret': 'yes' } : contentOf(value)),
  };
}

function originTarget(origin: AttributeOrigin) {
  if (origin.kind === 'built-in') return {};
  const target = origin.kind === 'profile' ? origin.target : targetOf(origin);
  return target === '' ? {} : { '@target': target };
}

function contentOf(value: AttributeValue) {
  if (typeof value === 'string') return textElement(value);
  if (typeof value === 'number') return { '#text': String(value) };
  if (typeof value === 'boolean') return { '#text': value ? 'yes' : 'no' };
  return { item: value.map(textElement) };
}

function textElement(text: string) {
  // Parsers read \r as \n; the others are no characters of XML 1.0.
  const isXml = !/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text);
  if (isXml) return { '#text': text };
  return { '@encoding': 'base64', '#text': Buffer.from(text).toString('base64') };
}

function typeOf(value: AttributeValue): 'text' | 'number' | 'yes-no' | 'list' {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'yes-no' : 'list';
}
