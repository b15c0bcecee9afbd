import { encodeBencode } from '../protocol/bencode.ts';
import type { ScrapeEntry } from './announce-outcome.ts';
import { minimumIntervalSeconds } from './announce-reply.ts';

/** As many as one UDP scrape may ask for (BEP 15). */
export const maximumScraped = 74;

/**
 * The infohashes of a scrape request's query (BEP 48), in hex; empty: all are asked for.
 * Undefined where one is not 20 bytes long.
 */
export function readScrapedInfohashes(query: string): readonly string[] | undefined {
  const infohashes = query
    .split('&', maximumScraped)
    .filter((pair) => pair.startsWith('info_hash='))
    .map((pair) => unescapeBytes(pair.slice('info_hash='.length)).toString('hex'));
  return infohashes.every((infohash) => infohash.length === 40) ? infohashes : undefined;
}

/**
 * The answer to a scrape. The keys of `files` are bytes, which the bencode package takes for text,
 * so this dictionary is put together here.
 */
export function renderScrapeReply(
  entries: readonly ScrapeEntry[],
  intervalSeconds: number,
): Buffer {
  const files = [...new Map(entries.map((entry) => [entry.infohash, entry])).values()]
    .sort((one, other) => (one.infohash < other.infohash ? -1 : 1))
    .flatMap((entry) => [Buffer.from('20:'), Buffer.from(entry.infohash, 'hex'), counts(entry)]);
  const flags = encodeBencode({ min_request_interval: minimumIntervalSeconds(intervalSeconds) });
  const parts = [Buffer.from('d5:filesd'), ...files, Buffer.from('e5:flags'), flags];
  return Buffer.concat([...parts, Buffer.from('e')]);
}

function unescapeBytes(text: string): Buffer {
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  return Buffer.from(bytes, 'latin1');
}

function counts({ seeds, leechers, completed }: ScrapeEntry): Buffer {
  return encodeBencode({ complete: seeds, downloaded: completed, incomplete: leechers });
}
