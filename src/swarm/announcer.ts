import { type DecodedValue, decodeBencode, isDictionary } from '../protocol/bencode.ts';
import { largestRack } from '../protocol/peer-wire/extensions.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import { get as httpGet } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
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

export type AnnouncerDeps = {
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
  readonly onAnswer: (answer: Answer) => void;
  readonly log: Log;
  readonly clock: Clock;
  readonly ask: AskTrackers;
};

/** Asks one tracker after the other. Throws AnnounceError when none answers. */
export type AskTrackers = (asker: Asker, event: string | undefined) => Promise<Answer>;

/** Who asks, and for what. */
export type Asker = Omit<AnnouncerDeps, 'onAnswer' | 'log' | 'clock' | 'ask'>;

export type Answer = {
  readonly peers: readonly PeerAddress[];
  readonly intervalMs: number;
  /** The asker's, as a tracker of ours numbers them; undefined: it does not say. */
  readonly rack: number | undefined;
};

export type Announcer = {
  /** Announces now: the download is complete. */
  readonly completed: () => void;
  /** There is something that the tracker should hear of before its turn. */
  readonly tellSoon: () => void;
  /** Says good-bye, at most for a second. */
  readonly close: () => Promise<void>;
};

const answerLimitBytes = 1024 * 1024;
const answerLimitMs = 10_000;
const wantedPeers = 50;
/** The first rounds come soon: who starts together finds each other late otherwise. */
const firstRoundsMs = [1000, 3000];
const longestIntervalMs = 120_000;
const shortestIntervalMs = 1000;
/** Out of turn it is told this late, so that many things at once are one announce. */
const soonMs = 3000;
/** And so seldom: who makes trouble again and again is not to make each of us announce as often. */
const betweenSoonMs = 5000;

/** Keeps a torrent announced by HTTP (BEP 3, compact by BEP 23 and 7), tracker after tracker. */
export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  let round = 0;
  let failures = 0;
  let closed = false;
  let timer: Timer | undefined;
  let isAsking = false;
  let isUrgent = false;
  let lastSoonMs = Number.NEGATIVE_INFINITY;
  let dueAtMs = 0;

  const announce = async (event: string | undefined): Promise<void> => {
    timer?.cancel();
    isAsking = true;
    isUrgent = false;
    let waitMs: number;
    try {
      const report = deps.report?.current();
      const answer = await deps.ask(deps, event);
      if (report !== undefined) deps.report?.told(report);
      if (failures > 0) deps.log.info('announced again', { infohash: deps.infohash });
      failures = 0;
      if (event !== 'stopped') deps.onAnswer(answer);
      waitMs = firstRoundsMs[round] ?? answer.intervalMs;
      waitMs = Math.min(waitMs, answer.intervalMs);
      round += 1;
    } catch (error) {
      failures += 1;
      if (failures === 1) deps.log.warn('announce failed', { reason: messageOf(error) });
      waitMs = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 5));
    }
    isAsking = false;
    wait(waitMs);
    if (isUrgent) hurry();
  };
  const wait = (waitMs: number) => {
    timer?.cancel();
    dueAtMs = deps.clock.nowMs() + waitMs;
    const next = () => void announce(failures > 0 ? 'started' : undefined);
    if (!closed) timer = deps.clock.after(waitMs, next);
  };
  const hurry = () => {
    const nowMs = deps.clock.nowMs();
    const soonAtMs = Math.max(nowMs + soonMs, lastSoonMs + betweenSoonMs);
    if (soonAtMs >= dueAtMs) return;
    lastSoonMs = soonAtMs;
    wait(soonAtMs - nowMs);
  };

  void announce('started');
  return {
    completed: () => void announce('completed'),
    tellSoon: () => {
      // After a failure it is asked again soon as it is, later and later.
      if (isUrgent || failures > 0) return;
      isUrgent = true;
      if (!isAsking) hurry();
    },
    close: async () => {
      closed = true;
      timer?.cancel();
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
      await Promise.race([announce('stopped'), deadline]);
    },
  };
}

/** By HTTP. */
export async function askTrackers(deps: Asker, event: string | undefined): Promise<Answer> {
  let last: unknown = new AnnounceError('unreachable', 'there is no tracker');
  for (const tracker of deps.trackers) {
    try {
      return parseAnswer(await fetchBytes(announceUrl(tracker, deps, event), deps.localAddress));
    } catch (error) {
      last = error;
    }
  }
  throw last;
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

function fetchBytes(url: string, localAddress: string | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerLimitMs);
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
