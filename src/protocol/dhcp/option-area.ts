import { type DhcpOptions, dhcpOptions } from './options.ts';

const pad = 0;
const end = 255;
const longestPart = 255;

/**
 * Adds the options of one area (the options field, or an overloaded `file` or `sname`) to those
 * found before. A missing end is no fault. Returns what is wrong, in words; undefined: nothing.
 */
export function collectOptions(area: Buffer, found: Map<number, Buffer[]>): string | undefined {
  let at = 0;
  while (at < area.length) {
    const code = area.readUInt8(at);
    if (code === end) return undefined;
    at += 1;
    if (code === pad) continue;
    const length = area[at];
    if (length === undefined) return `option ${code} without a length`;
    const start = at + 1;
    at = start + length;
    if (at > area.length) return `${area.length - start} of the ${length} bytes of option ${code}`;
    const parts = found.get(code);
    if (parts === undefined) found.set(code, [area.subarray(start, at)]);
    else parts.push(area.subarray(start, at));
  }
  return undefined;
}

/** Where options may be written; a field without a byte cannot hold any. */
export type OptionAreas = {
  readonly main: Buffer;
  readonly file: Buffer;
  readonly sname: Buffer;
};

type Option = readonly [code: number, value: Buffer];
/** Options end before `limit`: the byte behind is for the end. */
type Area = { readonly bytes: Buffer; at: number; limit: number };

/**
 * Writes options, the first ones of the map first, to the main area, else to the others; what fits
 * nowhere is left out. Option 53 comes first, option 82 last and never in an overloaded field
 * (RFC 3046). Longer ones than 255 bytes are split (RFC 3396), but stay in one area. Returns how
 * many bytes of the main area are used.
 */
export function writeOptions(options: DhcpOptions, areas: OptionAreas): number {
  const [main, file, sname] = [areaOf(areas.main), areaOf(areas.file), areaOf(areas.sname)];
  const inOrder = plainOptions(options);
  const overloadBytes = file.limit > 0 || sname.limit > 0 ? encodedBytes(1) : 0;
  const least = encodedBytes(1) + overloadBytes;
  const last = relayAgentOption(options).filter((each) => lengthOf([each]) + least <= main.limit);
  const isTight = lengthOf([...inOrder, ...last]) > main.limit;
  const reservedBytes = isTight ? lengthOf(last) + overloadBytes : 0;

  main.limit -= reservedBytes;
  for (const option of inOrder) [main, file, sname].some((area) => put(area, option));
  main.limit += reservedBytes;
  const overload = (file.at > 0 ? 1 : 0) + (sname.at > 0 ? 2 : 0);
  if (overload > 0) put(main, [dhcpOptions.overload, Buffer.from([overload])]);
  for (const option of last) put(main, option);
  for (const area of [main, file, sname]) if (area === main || area.at > 0) putEnd(area);
  return main.at;
}

function areaOf(bytes: Buffer): Area {
  return { bytes, at: 0, limit: bytes.length - 1 };
}

function plainOptions(options: DhcpOptions): readonly Option[] {
  const { messageType, relayAgent, overload } = dhcpOptions;
  const type = options.get(messageType);
  const inOrder: Option[] = type === undefined ? [] : [[messageType, type]];
  for (const option of options) {
    const [code] = option;
    const isApart = code === messageType || code === relayAgent || code === overload;
    if (!isApart && code !== pad && code !== end) inOrder.push(option);
  }
  return inOrder;
}

function relayAgentOption(options: DhcpOptions): readonly Option[] {
  const value = options.get(dhcpOptions.relayAgent);
  return value === undefined ? [] : [[dhcpOptions.relayAgent, value]];
}

function put(area: Area, [code, value]: Option): boolean {
  if (area.at + encodedBytes(value.length) > area.limit) return false;
  let from = 0;
  do {
    const to = Math.min(from + longestPart, value.length);
    area.bytes[area.at] = code;
    area.bytes[area.at + 1] = to - from;
    value.copy(area.bytes, area.at + 2, from, to);
    area.at += 2 + to - from;
    from = to;
  } while (from < value.length);
  return true;
}

function putEnd(area: Area): void {
  area.bytes[area.at] = end;
  area.at += 1;
}

function lengthOf(options: readonly Option[]): number {
  return options.reduce((sum, [, value]) => sum + encodedBytes(value.length), 0);
}

/** With a code and a length before each part. */
function encodedBytes(valueBytes: number): number {
  return valueBytes + 2 * Math.max(1, Math.ceil(valueBytes / longestPart));
}
