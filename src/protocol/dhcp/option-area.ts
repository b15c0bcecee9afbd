import { type DhcpOptions, dhcpOptions, encodeUint8 } from './options.ts';

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

/** How many bytes each area has. 0: it cannot hold options. */
export type OptionRoom = {
  readonly mainBytes: number;
  readonly fileBytes: number;
  readonly snameBytes: number;
};

/** Areas with their end; undefined: not used. */
export type PackedOptions = {
  readonly main: Buffer;
  readonly file: Buffer | undefined;
  readonly sname: Buffer | undefined;
};

/**
 * Packs options into areas, the first ones of the map first; what fits nowhere is left out. Option
 * 53 comes first, option 82 last and never in an overloaded field (RFC 3046). Longer ones than 255
 * bytes are split (RFC 3396), but stay in one area.
 */
export function packOptions(options: DhcpOptions, room: OptionRoom): PackedOptions {
  const [main, file, sname] = [
    createArea(room.mainBytes),
    createArea(room.fileBytes),
    createArea(room.snameBytes),
  ];
  const overloadBytes = file.freeBytes() > 0 || sname.freeBytes() > 0 ? 3 : 0;
  const encoded = inOrder(options).map(([code, bytes]) => encodeOption(code, bytes));
  const mandatoryBytes = options.has(dhcpOptions.messageType) ? 3 : 0;
  const relayAgent = encodeRelayAgent(options);
  const hasRoom = lengthOf(relayAgent) + mandatoryBytes + overloadBytes <= main.freeBytes();
  const last = hasRoom ? relayAgent : [];
  if (lengthOf([...encoded, ...last]) <= main.freeBytes()) return onlyMain([...encoded, ...last]);

  main.reserve(lengthOf(last) + overloadBytes);
  for (const option of encoded) [main, file, sname].some((area) => area.take(option));
  const overload = (file.isUsed() ? 1 : 0) + (sname.isUsed() ? 2 : 0);
  if (overload === 0) return onlyMain([...main.taken, ...last]);
  const overloadOption = encodeOption(dhcpOptions.overload, encodeUint8(overload));
  return {
    main: ended([...main.taken, overloadOption, ...last]),
    file: file.isUsed() ? ended(file.taken) : undefined,
    sname: sname.isUsed() ? ended(sname.taken) : undefined,
  };
}

function encodeRelayAgent(options: DhcpOptions): readonly Buffer[] {
  const bytes = options.get(dhcpOptions.relayAgent);
  return bytes === undefined ? [] : [encodeOption(dhcpOptions.relayAgent, bytes)];
}

function inOrder(options: DhcpOptions): readonly (readonly [number, Buffer])[] {
  const { messageType, relayAgent, overload } = dhcpOptions;
  const apart: readonly number[] = [messageType, relayAgent, overload, pad, end];
  const others = [...options].filter(([code]) => !apart.includes(code));
  const type = options.get(messageType);
  return type === undefined ? others : [[messageType, type], ...others];
}

function encodeOption(code: number, bytes: Buffer): Buffer {
  const partCount = Math.max(1, Math.ceil(bytes.length / longestPart));
  const parts = Array.from({ length: partCount }, (_, at) => {
    const part = bytes.subarray(at * longestPart, (at + 1) * longestPart);
    return [Buffer.from([code, part.length]), part];
  });
  return Buffer.concat(parts.flat());
}

function createArea(sizeBytes: number) {
  const taken: Buffer[] = [];
  // One byte is for the end.
  let freeBytes = sizeBytes - 1;
  return {
    taken,
    isUsed: () => taken.length > 0,
    freeBytes: () => freeBytes,
    reserve: (bytes: number) => {
      freeBytes -= bytes;
    },
    take: (option: Buffer): boolean => {
      if (option.length > freeBytes) return false;
      freeBytes -= option.length;
      taken.push(option);
      return true;
    },
  };
}

function onlyMain(options: readonly Buffer[]): PackedOptions {
  return { main: ended(options), file: undefined, sname: undefined };
}

function ended(options: readonly Buffer[]): Buffer {
  return Buffer.concat([...options, encodeUint8(end)]);
}

function lengthOf(options: readonly Buffer[]): number {
  return options.reduce((sum, option) => sum + option.length, 0);
}
