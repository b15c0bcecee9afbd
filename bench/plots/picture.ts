import type { Results } from './stored-results.ts';

/** One run's value. */
export type Run = {
  readonly value: number;
  /** It says more about the machine than about what is measured: drawn hollow. */
  readonly isBusy: boolean;
};

/** What one system came to at one place of the picture. */
export type Point<Place> = {
  readonly series: string;
  readonly at: Place;
  /** Of the runs that count; by the rules of the benchmark that made them. */
  readonly median: number;
  readonly runs: readonly Run[];
  /** When it was measured, YYYY-MM-DD. */
  readonly date: string;
};

export type Axis = {
  readonly scale: 'linear' | 'log';
  readonly format: (value: number) => string;
};

type Common<Place> = {
  /** Of the file in docs/plots/, without its ending. */
  readonly name: string;
  /** What is drawn, in a few words. */
  readonly title: string;
  /** What the values say, in one line. */
  readonly subtitle: string;
  /** The command that measures it. */
  readonly command: string;
  readonly select: (results: Results) => readonly Point<Place>[];
  /** Of the values. */
  readonly axis: Axis;
  /** A value to see the others by: a limit, a goal. */
  readonly mark?: { readonly value: number; readonly label: string };
};

/** A line for each system, over numbers (of nodes): how something grows. */
export type LinesPicture = Common<number> & { readonly kind: 'lines'; readonly places: Axis };

/** Groups of bars from zero, one for each system: settings side by side. */
export type BarsPicture = Common<string> & { readonly kind: 'bars' };

export type Picture = LinesPicture | BarsPicture;
