import { createRandom, drawItem, drawNormal, shuffle } from './random.ts';
import { sum } from './sum.ts';

export type PlannedFile = { readonly path: string; readonly sizeBytes: number };

export type TreePlanOptions = {
  readonly seed: number;
  readonly fileCount: number;
  /** Of all files together, exactly. */
  readonly totalSizeBytes: number;
};

// The few that are large in every distribution: a kernel, firmware, an office.
const largeShares = [0.14, 0.12, 0.1];
// Of the logarithm. With 400 files of 100 MB the median is then near 60 KB.
const spread = 1.4;
const syllables = ['an', 'bor', 'cal', 'dem', 'fir', 'gno', 'ker', 'lib', 'mu', 'py'] as const;
const endings = ['', '', '-common', '-devel', '-doc', '-libs'] as const;

/**
 * Names and sizes like those of a package tree: log-normal, and a few large files. The same
 * options give the same plan.
 */
export function planTree({ seed, fileCount, totalSizeBytes }: TreePlanOptions): PlannedFile[] {
  const random = createRandom(seed);
  const shares = fileCount > 2 * largeShares.length ? largeShares : [];
  const large = shares.map((share) => Math.floor(share * totalSizeBytes));
  const weights = Array.from({ length: fileCount - large.length }, () =>
    Math.exp(spread * drawNormal(random)),
  );
  const small = shareOut(totalSizeBytes - sum(large), weights);
  return shuffle([...large, ...small], random).map((sizeBytes, at) => ({
    path: inventPath(at, random),
    sizeBytes,
  }));
}

/** Whole numbers in proportion to the weights; together exactly `total`. */
function shareOut(total: number, weights: readonly number[]): number[] {
  const whole = sum(weights);
  const parts = weights.map((weight) => Math.floor((total * weight) / whole));
  const [first = 0, ...rest] = parts;
  return [first + total - sum(parts), ...rest];
}

function inventPath(at: number, random: () => number): string {
  const draw = () => drawItem(syllables, random);
  const name = `${draw()}${draw()}${draw()}${drawItem(endings, random)}`;
  const version = `${1 + Math.floor(random() * 9)}.${Math.floor(random() * 30)}-${at + 1}`;
  return `Packages/${name.slice(0, 1)}/${name}-${version}.x86_64.rpm`;
}
