import { isRole } from '../protocol/role.ts';
import type { AnnounceReport } from './announce-report.ts';
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
  readonly report: AnnounceReport | undefined;
  /** How many peers the answer may hold. */
  readonly wanted: number;
  readonly family: ReplyFamily;
  /** The tracker's own address as the asking machine knows it. */
  readonly localAddress: string | undefined;
};

/** No reply holds more, whatever was asked for: 82 IPv4 peers are 512 bytes of UDP (BEP 15). */
export const maximumWanted = 82;
export const defaultWanted = 50;

export function readEvent(value: unknown): AnnounceEvent {
  return announceEvents.find((event) => event === value) ?? 'update';
}

/** Names of roles are shown to operators, so only plain ones are taken. */
export function readRole(value: unknown): string | undefined {
  return typeof value === 'string' && isRole(value) ? value : undefined;
}

export function readWanted(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return defaultWanted;
  return Math.min(value, maximumWanted);
}
