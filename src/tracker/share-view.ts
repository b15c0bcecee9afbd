import { formatBytes } from '../runtime/units.ts';
import type { TransferStats } from './types.ts';

type Origin = 'peers' | 'frontend' | 'untold';

/** A part of a bar; `percent` is its width in percent of the whole. */
export type BarPart = { readonly kind: Origin; readonly percent: string };

export type ShareView = {
  /** `86.7 %` of the bytes whose origin is known, or a dash. */
  readonly fromPeers: string;
  readonly about: string;
  readonly parts: readonly (BarPart & { readonly text: string })[];
};

/** Where the downloaded bytes came from: the proof that peers are being used. */
export function planShare(transfer: TransferStats): ShareView {
  const { peers, frontend, untold } = splitByOrigin(transfer);
  const told = peers + frontend;
  const total = told + untold;
  const part = (kind: Origin, sizeBytes: number, words: string) => ({
    kind,
    percent: percentOf(sizeBytes, total, 2),
    text: `${formatBytes(sizeBytes)} ${words}`,
  });
  return {
    fromPeers: told === 0 ? '–' : `${percentOf(peers, told, 1)} %`,
    about: describe(told, total),
    parts: [
      part('peers', peers, 'from peers'),
      part('frontend', frontend, 'from the frontend'),
      ...(untold === 0 ? [] : [part('untold', untold, 'to clients that do not tell')]),
    ],
  };
}

/** A bar that is filled as far as `progress` (0 to 1), in the colours of the bytes' origins. */
export function planProgressBar(transfer: TransferStats, progress: number): readonly BarPart[] {
  const { peers, frontend, untold } = splitByOrigin(transfer);
  const total = peers + frontend + untold;
  if (total === 0) return [{ kind: 'untold', percent: percentOf(progress, 1, 2) }];
  const parts = { peers, frontend, untold };
  return (['peers', 'frontend', 'untold'] as const)
    .filter((kind) => parts[kind] > 0)
    .map((kind) => ({ kind, percent: percentOf(progress * parts[kind], total, 2) }));
}

function splitByOrigin(transfer: TransferStats): Readonly<Record<Origin, number>> {
  const { downloadedBytes, fromPeersBytes: peers, fromFrontendBytes: frontend } = transfer;
  return { peers, frontend, untold: Math.max(0, downloadedBytes - peers - frontend) };
}

function percentOf(part: number, whole: number, digits: number): string {
  return (whole === 0 ? 0 : (100 * part) / whole).toFixed(digits);
}

function describe(toldBytes: number, totalBytes: number): string {
  if (totalBytes === 0) return 'nothing downloaded yet';
  if (toldBytes > 0) return `of ${formatBytes(toldBytes)} came from peers`;
  return `${formatBytes(totalBytes)} downloaded by clients that do not tell from whom`;
}
