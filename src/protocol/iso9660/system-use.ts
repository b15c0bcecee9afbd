/** One entry of a System Use Area (IEEE P1281, SUSP): a signature of two letters and its data. */
export type SystemUseEntry = { readonly signature: string; readonly data: Buffer };

/** Where an area goes on (SUSP 5.1, CE). */
export type Continuation = {
  readonly block: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
};

const headerBytes = 4;

/** The entries of one area, and where it goes on. A broken entry ends the area. */
export function parseSystemUse(area: Buffer): {
  readonly entries: readonly SystemUseEntry[];
  readonly continuation: Continuation | undefined;
} {
  const entries: SystemUseEntry[] = [];
  let continuation: Continuation | undefined;
  for (let at = 0; at + headerBytes <= area.length; ) {
    const length = area[at + 2] ?? 0;
    const signature = area.toString('latin1', at, at + 2);
    if (length < headerBytes || at + length > area.length || signature === 'ST') break;
    const data = area.subarray(at + headerBytes, at + length);
    if (signature === 'CE' && data.length >= 24) continuation = parseContinuation(data);
    else entries.push({ signature, data });
    at += length;
  }
  return { entries, continuation };
}

/** How many bytes before each area are not SUSP's, when this is the area of the root's `.`. */
export function parseSuspSkip(area: Buffer): number | undefined {
  const isSp = area.length >= 7 && area.toString('latin1', 0, 2) === 'SP';
  return isSp && area.readUInt16BE(4) === 0xbeef ? area[6] : undefined;
}

function parseContinuation(data: Buffer): Continuation {
  return {
    block: data.readUInt32LE(0),
    offsetBytes: data.readUInt32LE(8),
    sizeBytes: data.readUInt32LE(16),
  };
}
