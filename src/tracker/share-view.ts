import { formatBytes } from '../runtime/units.ts';
import type { TransferStats } from './types.ts';

/** From peers of the own rack, of other racks, of one that is not told; the rest as it says. */
export const origins = ['rack', 'racks', 'peers', 'frontend', 'untold'] as const;
type Origin = (typeof origins)[number];

/** A part of a bar; `percent` is its width in percent of the whole. */
export type BarPart = { readonly kind: Origin; readonly percent: string };

export type ShareView = {
  /** `86.7 %` of the bytes whose origin is known, or a dash. */
  readonly fromPeers: string;
  readonly about: string;
  readonly parts: readonly (BarPart & { readonly text: string })[];
};

const words: Readonly<Record<Origin, string>> = {
  rack: 'from the own rack',
  racks: 'from other racks',
  peers: 'from peers',
  frontend: 'from the frontend',
  untold: 'to clients that do not tell',
};

/** Where the downloaded bytes came from: the proof that peers are being used. */
export function planShare(transfer: TransferStats): ShareView {
  const split = splitOrigins(transfer);
  const told = split.rack + split.racks + split.peers + split.frontend;
  const total = told + split.untold;
  const isShown = (kind: Origin) =>
    kind === 'frontend' || split[kind] > 0 || (kind === 'peers' && split.rack + split.racks === 0);
  return {
    fromPeers: told === 0 ? '–' : `${percentOf(told - split.frontend, told, 1)} %`,
    about: describe(told, total),
    parts: origins.filter(isShown).map((kind) => ({
      kind,
      percent: percentOf(split[kind], total, 2),
      text: `${formatBytes(split[kind])} ${wordsFor(kind, split)}${shareOf(split[kind], told, kind)}`,
    })),
  };
}

/** A bar that is filled as far as `progress` (0 to 1), in the colours of the bytes' origins. */
export function planProgressBar(transfer: TransferStats, progress: number): readonly BarPart[] {
  const split = splitOrigins(transfer);
  const total = origins.reduce((sum, kind) => sum + split[kind], 0);
  if (total === 0) return [{ kind: 'untold', percent: percentOf(progress, 1, 2) }];
  return origins
    .filter((kind) => split[kind] > 0)
    .map((kind) => ({ kind, percent: percentOf(progress * split[kind], total, 2) }));
}

/** No part is less than nothing, whatever was announced. */
export function splitOrigins(transfer: TransferStats): Readonly<Record<Origin, number>> {
  const { fromPeersBytes, fromFrontendBytes: frontend } = transfer;
  const rack = Math.min(fromPeersBytes, transfer.fromOwnRackBytes);
  const racks = Math.min(fromPeersBytes - rack, transfer.fromOtherRacksBytes);
  const peers = fromPeersBytes - rack - racks;
  const untold = Math.max(0, transfer.downloadedBytes - fromPeersBytes - frontend);
  return { rack, racks, peers, frontend, untold };
}

/** What is not told of some is the rest where it is told of others. */
function wordsFor(kind: Origin, { rack, racks }: Readonly<Record<Origin, number>>): string {
  return kind === 'peers' && rack + racks > 0 ? 'from peers of a rack not told yet' : words[kind];
}

function shareOf(sizeBytes: number, toldBytes: number, kind: Origin): string {
  if (kind === 'untold' || toldBytes === 0) return '';
  return ` (${percentOf(sizeBytes, toldBytes, 1)} %)`;
}

export function percentOf(part: number, whole: number, digits: number): string {
  return (whole === 0 ? 0 : (100 * part) / whole).toFixed(digits);
}

function describe(toldBytes: number, totalBytes: number): string {
  if (totalBytes === 0) return 'nothing downloaded yet';
  if (toldBytes > 0) return `of ${formatBytes(toldBytes)} came from peers`;
  return `${formatBytes(totalBytes)} downloaded by clients that do not tell from whom`;
}
