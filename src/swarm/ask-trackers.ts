import { setTimeout as sleep } from 'node:timers/promises';
import { type DecodedValue, decodeBencode, isDictionary } from '../protocol/bencode.ts';
import { largestRack } from '../protocol/peer-wire/extensions.ts';
import { ScreeError } from '../runtime/errors.ts';
import { get as httpGet } from '../runtime/http.ts';
import { reportFields, type TrackerReport } from './tracker-report.ts';

export class AnnounceError extends ScreeError<'refused' | 'unreachable' | 'malformed'> {}

/** Where a peer listens. */
export type PeerAddress = { readonly host: string; readonly port: number };

export type AnnounceState = {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly leftBytes: number;
  readonly fromFrontendBytes: number;
};

/** Who asks, and for what. */
export type Asker = {
  readonly trackers: readonly string[];
  readonly infohash: string;
  /** 20 bytes. */
  readonly peerId: Buffer;
  readonly port: number;
  /** Where announces go out from; undefined: the kernel chooses. */
  readonly localAddress: string | undefined;
  readonly role: string | undefined;
  readonly state: () => AnnounceState;
  /** What else the tracker is told, until it has answered. */
  readonly report?: TrackerReport;
};

export type Answer = {
  readonly peers: readonly PeerAddress[];
  readonly intervalMs: number;
  /** The asker's, as a tracker of ours numbers them; undefined: it does not say. */
  readonly rack: number | undefined;
};

/** Asks for one answer. Throws AnnounceError, or what the last connection failed with. */
export type AskTrackers = (asker: Asker, event: string | undefined) => Promise<Answer>;

const answerLimitBytes = 1024 * 1024;
const answerLimitMs = 10_000;
/** A dead machine says nothing: then the next tracker is asked as well. */
const patienceMs = 1000;
const wantedPeers = 50;
const longestIntervalMs = 120_000;
const shortestIntervalMs = 1000;

/** By HTTP: one after the other, and the next one also when an answer is long in coming. */
export async function askTrackers(deps: Asker, event: string | undefined): Promise<Answer> {
  const over = new AbortController();
  const asked: Promise<Answer>[] = [];
  try {
    for (const tracker of deps.trackers) {
      const url = announceUrl(tracker, deps, event);
      asked.push(fetchBytes(url, deps.localAddress, over.signal).then(parseAnswer));
      const soon = Promise.any(asked).catch(() => undefined);
      const late = sleep(patienceMs, undefined, { signal: over.signal });
      const answer = await Promise.race([soon, late]);
      if (answer !== undefined) return answer;
    }
    return await Promise.any(asked);
  } catch (error) {
    throw error instanceof AggregateError ? lastOf(error) : error;
  } finally {
    over.abort();
  }
}

function lastOf({ errors }: AggregateError): unknown {
  return errors.at(-1) ?? new AnnounceError('unreachable', 'there is no tracker');
}

function announceUrl(tracker: string, deps: Asker, event: string | undefined): string {
  const state = deps.state();
  const fields = [
    `info_hash=${percentEncode(Buffer.from(deps.infohash, 'hex'))}`,
    `peer_id=${percentEncode(deps.peerId)}`,
    `port=${deps.port}`,
    `uploaded=${state.uploadedBytes}`,
    `downloaded=${state.downloadedBytes}`,
    `left=${state.leftBytes}`,
    `compact=1&numwant=${wantedPeers}`,
    `scree_frontend=${state.fromFrontendBytes}`,
    ...reportFields(deps.report?.current()),
    ...(deps.role === undefined ? [] : [`scree_role=${encodeURIComponent(deps.role)}`]),
    ...(event === undefined ? [] : [`event=${event}`]),
  ];
  return `${tracker}${tracker.includes('?') ? '&' : '?'}${fields.join('&')}`;
}

function percentEncode(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function fetchBytes(
  url: string,
  localAddress: string | undefined,
  isOver: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([AbortSignal.timeout(answerLimitMs), isOver]);
    const options = localAddress === undefined ? { signal } : { signal, localAddress };
    const request = httpGet(url, options, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > answerLimitBytes) request.destroy(new Error('an endless answer'));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Throws AnnounceError for what is no answer of a tracker, or a refusal. */
export function parseAnswer(bytes: Buffer): Answer {
  const root = decodeAnswer(bytes);
  const refusal = root['failure reason'];
  if (refusal instanceof Uint8Array) {
    throw new AnnounceError('refused', `the tracker refuses: ${Buffer.from(refusal).toString()}`);
  }
  const seconds = typeof root.interval === 'number' ? root.interval : 30;
  return {
    peers: [...unpack(root.peers, 4), ...unpack(root.peers6, 16)],
    intervalMs: Math.min(longestIntervalMs, Math.max(shortestIntervalMs, seconds * 1000)),
    rack: rackIn(root.scree_rack),
  };
}

function rackIn(value: DecodedValue | undefined): number | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value);
  return fits && value >= 0 && value <= largestRack ? value : undefined;
}

function decodeAnswer(bytes: Buffer) {
  try {
    const root = decodeBencode(bytes);
    if (isDictionary(root)) return root;
  } catch (cause) {
    throw new AnnounceError('malformed', 'the tracker answers nonsense', { cause });
  }
  throw new AnnounceError('malformed', 'the tracker answers nonsense');
}

function unpack(value: unknown, addressBytes: 4 | 16): PeerAddress[] {
  if (!(value instanceof Uint8Array)) return [];
  const bytes = Buffer.from(value);
  const entryBytes = addressBytes + 2;
  const peers: PeerAddress[] = [];
  for (let offset = 0; offset + entryBytes <= bytes.length; offset += entryBytes) {
    const address = bytes.subarray(offset, offset + addressBytes);
    const port = bytes.readUInt16BE(offset + addressBytes);
    if (port > 0) peers.push({ host: addressText(address), port });
  }
  return peers;
}

const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex');

/** As a socket's own address is written, so that the two can be compared. */
function addressText(address: Buffer): string {
  if (address.length === 4) return address.join('.');
  if (address.subarray(0, 12).equals(mappedPrefix)) return address.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2));
  const text = groups.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
