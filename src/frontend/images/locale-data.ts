import type { ByteSpan } from './elf.ts';

/**
 * Where the tables of languages other than English lie in ICU's data, and its conversions of old
 * character sets and dictionaries: what Node leaves out itself when it is built with a small ICU.
 * `data` begins with ICU's header (ICU's common data, unicode/udata.h: a table of contents, sorted
 * by place). Undefined when it is something else.
 */
export function findForeignTables(data: Buffer): readonly ByteSpan[] | undefined {
  const headerBytes = data.readUInt16LE(0);
  const isIcuData = data.readUInt16LE(2) === 0x27da && data.toString('latin1', 12, 16) === 'CmnD';
  if (!isIcuData) return undefined;
  const count = data.readUInt32LE(headerBytes);
  const items = Array.from({ length: count }, (_, index) => {
    const at = headerBytes + 4 + index * 8;
    return {
      name: textAt(data, headerBytes + data.readUInt32LE(at)),
      start: headerBytes + data.readUInt32LE(at + 4),
    };
  });
  return items.flatMap(({ name, start }, index) => {
    const end = items[index + 1]?.start ?? data.length;
    return isForeign(name) ? [{ start, sizeBytes: end - start }] : [];
  });
}

/** Names are such as `icudt78l/zone/de_AT.res`. */
function isForeign(name: string): boolean {
  const isLanguage = /\/(?!en[_.])[a-z]{2,3}(?:_\w+)?\.res$/.test(name);
  return isLanguage || /\.(?:cnv|dict)$|\/translit\//.test(name);
}

function textAt(data: Buffer, start: number): string {
  return data.toString('latin1', start, data.indexOf(0, start));
}
