import test from 'ava';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as v from 'valibot';
import { renderHostXml } from '../../../src/frontend/attributes/host-xml.ts';
import type { AttributeValue, ResolvedHost } from '../../../src/frontend/attributes/types.ts';
import { machine } from '../boot/fixture.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  alwaysCreateTextNode: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === 'attr' || name === 'item',
});

const textSchema = v.object({ '#text': v.string(), '@encoding': v.optional(v.string()) });
const attrSchema = v.object({
  ...textSchema.entries,
  '@name': v.string(),
  '@type': v.picklist(['text', 'number', 'yes-no', 'list']),
  '@secret': v.optional(v.string()),
  item: v.optional(v.array(textSchema), []),
});
const hostSchema = v.object({ '@name': v.string(), attr: v.array(attrSchema) });

function hostOf(values: Readonly<Record<string, AttributeValue>>, isSecret = false): ResolvedHost {
  const attributes = Object.entries(values).map(
    ([name, value]) => [name, { value, isSecret, origin: { kind: 'global' } }] as const,
  );
  return { node: machine(), profile: 'rocky9', os: undefined, attributes: new Map(attributes) };
}

function parse(xml: string): readonly (readonly [string, AttributeValue])[] {
  if (XMLValidator.validate(xml) !== true) throw new Error(`expected XML, got ${xml}`);
  const { host } = v.parse(v.object({ host: hostSchema }), parser.parse(xml));
  return host.attr.map((each) => [each['@name'], valueIn(each)]);
}

function valueIn(attr: v.InferOutput<typeof attrSchema>): AttributeValue {
  if (attr['@type'] === 'list') return attr.item.map(textOf);
  const text = textOf(attr);
  if (attr['@type'] === 'number') return Number(text);
  return attr['@type'] === 'yes-no' ? text === 'yes' : text;
}

function textOf(element: v.InferOutput<typeof textSchema>): string {
  const { '#text': text, '@encoding': encoding } = element;
  return encoding === 'base64' ? Buffer.from(text, 'base64').toString() : text;
}

const texts = fc.string({ unit: 'binary', size: 'max', maxLength: 60 });
const hard = fc.constantFrom(
  ...['', ' ', '\n', '\t x \r\n', '&amp;', ']]>', '<!--', '"\'', '\0', '\u0085', '\ufffe', '%x;'],
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  texts,
  hard,
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (each === 0 ? 0 : each)),
  fc.array(fc.oneof(texts, hard), { size: 'max', maxLength: 8 }),
);
const name = fc.stringMatching(/^[a-z][a-z\d-]{0,12}$/);

test('what comes out as XML parses back to what went in', (t) => {
  const attributes = fc.dictionary(name, value, {
    size: 'max',
    maxKeys: 12,
    noNullPrototype: true,
  });
  const property = fc.property(attributes, (values) => {
    if (Object.keys(values).length === 0) return;
    const found = parse(renderHostXml([hostOf(values)]));
    t.deepEqual(Object.fromEntries(found), values);
  });
  t.notThrows(() => fc.assert(property));
});

test('no value of a secret is in it, and several hosts are a list', (t) => {
  const secret = hostOf({ password: 'hunter2', keys: ['hunter2'] }, true);
  const xml = renderHostXml([secret, hostOf({ disk: '/dev/sda' })]);
  t.notRegex(xml, /hunter2/);
  t.true(XMLValidator.validate(xml));
  t.regex(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<hosts>\n {2}<host name="compute-0-0" /);
  t.regex(xml, /<attr name="password" type="text" origin="global" secret="yes"\/>/);
  t.regex(xml, /<attr name="disk" type="text" origin="global">\/dev\/sda<\/attr>/);
});
