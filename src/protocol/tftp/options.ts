import type { TftpOptions } from './packet.ts';

/** What a server grants at most. */
export type TftpLimits = {
  /** 1,468 keeps a block within one Ethernet frame, so that none is sent in fragments. */
  readonly maximumBlockBytes: number;
  readonly maximumWindowBlocks: number;
};

export type AgreedOptions = {
  readonly blockBytes: number;
  /** Blocks on their way without an acknowledgement. */
  readonly windowBlocks: number;
  /** How long the client wants to wait for what was lost; undefined: it did not say. */
  readonly timeoutSeconds: number | undefined;
  /** What is acknowledged; empty: no OACK is sent, the transfer starts with block 1. */
  readonly granted: TftpOptions;
};

/** What a client that asks for nothing gets (RFC 1350). */
const plainBlockBytes = 512;
const smallestBlockBytes = 8;
const longestTimeoutSeconds = 255;
/**
 * All of a window comes at once, and has to find room in the receiver's socket: 64 blocks of 1,468
 * bytes do.
 */
const maximumWindowBytes = 128 * 1024;

/**
 * Which options of a read request are granted, and how: blksize (RFC 2348) and windowsize (RFC
 * 7440) up to the limits, timeout and tsize (RFC 2349). Unknown options, and values that the RFCs
 * do not allow, are left out of the answer, which RFC 2347 has clients take for a no; to refuse
 * with error 8 is the client's part.
 */
export function decideOptions(
  asked: TftpOptions,
  { maximumBlockBytes, maximumWindowBlocks }: TftpLimits,
  sizeBytes: number,
): AgreedOptions {
  const blksize = wholeNumber(asked.get('blksize'), { minimum: smallestBlockBytes });
  const blockBytes = blksize === undefined ? plainBlockBytes : Math.min(blksize, maximumBlockBytes);
  const windowsize = wholeNumber(asked.get('windowsize'), { minimum: 1 });
  const fitting = Math.max(1, Math.floor(maximumWindowBytes / blockBytes));
  const windowBlocks = Math.min(windowsize ?? 1, maximumWindowBlocks, fitting);
  const timeoutSeconds = wholeNumber(asked.get('timeout'), {
    minimum: 1,
    maximum: longestTimeoutSeconds,
  });
  const values: ReadonlyMap<string, number | undefined> = new Map([
    ['blksize', blksize === undefined ? undefined : blockBytes],
    ['windowsize', windowsize === undefined ? undefined : windowBlocks],
    ['timeout', timeoutSeconds],
    // curl gives up on a tsize of 0, which for a client is also what it asks with.
    ['tsize', sizeBytes === 0 ? undefined : sizeBytes],
  ]);
  return { blockBytes, windowBlocks, timeoutSeconds, granted: grant(asked, values) };
}

/** In the order in which they were asked for, which is how some firmware reads them. */
function grant(
  asked: TftpOptions,
  values: ReadonlyMap<string, number | undefined>,
): Map<string, string> {
  return new Map(
    [...asked.keys()].flatMap((name) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, String(value)] as const];
    }),
  );
}

function wholeNumber(
  text: string | undefined,
  { minimum, maximum = Number.MAX_SAFE_INTEGER }: { minimum: number; maximum?: number },
): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= minimum && value <= maximum ? value : undefined;
}
