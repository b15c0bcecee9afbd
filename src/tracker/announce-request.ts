import { isRole } from '../protocol/role.ts';
import type { ReplyFamily } from './reach.ts';

const announceEvents = ['started', 'stopped', 'completed', 'paused', 'update'] as const;
export type AnnounceEvent = (typeof announceEvents)[number];

/** An announce, however it came. The address is the socket's, never one that was claimed. */
export type AnnounceRequest = {
  readonly infohash: string;
  /** 40 hex digits. */
  readonly peerId: string;
  readonly address: string;
  readonly port: number;
  readonly event: AnnounceEvent;
  /** Undefined: not said. */
  readonly leftBytes: number | undefined;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** What of `downloadedBytes` came from the frontend; our own agents say so. */
  readonly frontendBytes: number | undefined;
  readonly role: string | undefined;
  /** How many peers the answer may hold. */
  readonly wanted: number;
  readonly family: ReplyFamily;
  /** The tracker's own address as the asking machine knows it. */
  readonly localAddress: string | undefined;
};

/** No reply holds more, whatever was asked for: 82 IPv4 peers are 512 bytes of UDP (BEP 15). */
export const maximumWanted = 82;
export const defaultWanted = 50;

/** No one moves a pebibyte in one session: a larger figure is a client's mistake or a lie. */
const largestSumBytes = 2 ** 50;

export function readEvent(value: unknown): AnnounceEvent {
  return announceEvents.find((event) => event === value) ?? 'update';
}

export function readPort(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return value >= 1 && value <= 65_535 ? value : undefined;
}

/** A count of bytes as text or number; undefined for anything else. */
export function readByteCount(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d{1,16}$/.test(value)) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const count = Number(value);
  return Number.isInteger(count) && count >= 0 && count <= largestSumBytes ? count : undefined;
}

/** Names of roles are shown to operators, so only plain ones are taken. */
export function readRole(value: unknown): string | undefined {
  return typeof value === 'string' && isRole(value) ? value : undefined;
}

export function readWanted(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return defaultWanted;
  return Math.min(value, maximumWanted);
}
