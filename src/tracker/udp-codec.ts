import type { ScrapeEntry } from './announce-outcome.ts';
import type { AnnounceEvent } from './announce-request.ts';

/**
 * UDP tracker datagrams (BEP 15). bittorrent-tracker has a codec for them, but it reads 64-bit
 * counts wrongly from 2 GiB on, takes the sender's word for its address and has no IPv6 answers.
 */
export type UdpRequest =
  | { readonly kind: 'connect'; readonly transactionId: number }
  | (Header & {
      readonly kind: 'announce';
      readonly infohash: string;
      readonly peerId: string;
      readonly downloadedBytes: number;
      readonly leftBytes: number;
      readonly uploadedBytes: number;
      readonly event: AnnounceEvent;
      readonly wanted: number;
      readonly port: number;
    })
  | (Header & { readonly kind: 'scrape'; readonly infohashes: readonly string[] });

type Header = { readonly connectionId: Buffer; readonly transactionId: number };

export const connectionIdBytes = 8;

const protocolId = Buffer.from('0000041727101980', 'hex');
const actions = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
const events: readonly AnnounceEvent[] = ['update', 'completed', 'started', 'stopped', 'paused'];
const headerBytes = 16;
const announceBytes = 98;
const infohashBytes = 20;
/** What fits into one Ethernet frame (BEP 15). */
const maximumScraped = 74;

/** Undefined for what is no request of this protocol; longer ones are read as far as known. */
export function decodeUdpRequest(message: Buffer): UdpRequest | undefined {
  if (message.length < headerBytes) return undefined;
  const connectionId = message.subarray(0, connectionIdBytes);
  const transactionId = message.readUInt32BE(12);
  switch (message.readUInt32BE(8)) {
    case actions.connect:
      return connectionId.equals(protocolId) ? { kind: 'connect', transactionId } : undefined;
    case actions.announce:
      return decodeAnnounce(message, { connectionId, transactionId });
    case actions.scrape:
      return decodeScrape(message, { connectionId, transactionId });
    default:
      return undefined;
  }
}

export function encodeConnectReply(transactionId: number, connectionId: Buffer): Buffer {
  return Buffer.concat([words(actions.connect, transactionId), connectionId]);
}

export function encodeAnnounceReply(reply: {
  readonly transactionId: number;
  readonly intervalSeconds: number;
  readonly leechers: number;
  readonly seeds: number;
  readonly compactPeers: Buffer;
}): Buffer {
  const { transactionId, intervalSeconds, leechers, seeds, compactPeers } = reply;
  const head = words(actions.announce, transactionId, intervalSeconds, leechers, seeds);
  return Buffer.concat([head, compactPeers]);
}

/** In the order in which they were asked for. */
export function encodeScrapeReply(transactionId: number, entries: readonly ScrapeEntry[]): Buffer {
  const counts = entries.map((each) => words(each.seeds, each.completed, each.leechers));
  return Buffer.concat([words(actions.scrape, transactionId), ...counts]);
}

export function encodeErrorReply(transactionId: number, message: string): Buffer {
  return Buffer.concat([words(actions.error, transactionId), Buffer.from(message)]);
}

function decodeAnnounce(message: Buffer, header: Header): UdpRequest | undefined {
  if (message.length < announceBytes) return undefined;
  const event = events[message.readUInt32BE(80)];
  const port = message.readUInt16BE(96);
  if (event === undefined || port === 0) return undefined;
  return {
    ...header,
    kind: 'announce',
    infohash: message.toString('hex', 16, 36),
    peerId: message.toString('hex', 36, 56),
    downloadedBytes: readCount(message, 56),
    leftBytes: readCount(message, 64),
    uploadedBytes: readCount(message, 72),
    event,
    wanted: message.readInt32BE(92),
    port,
  };
}

function decodeScrape(message: Buffer, header: Header): UdpRequest | undefined {
  const count = Math.floor((message.length - headerBytes) / infohashBytes);
  if (count === 0) return undefined;
  const infohashes = Array.from({ length: Math.min(count, maximumScraped) }, (_, index) => {
    const start = headerBytes + index * infohashBytes;
    return message.toString('hex', start, start + infohashBytes);
  });
  return { ...header, kind: 'scrape', infohashes };
}

function readCount(message: Buffer, offset: number): number {
  return Number(message.readBigUInt64BE(offset));
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
