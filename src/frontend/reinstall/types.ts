import type { BootState } from '../nodes/types.ts';

/** What a node says of its install. */
export type InstallFacts = {
  readonly name: string;
  readonly bootState: BootState;
  readonly bootReason: string | undefined;
  readonly stateAtMs: number;
  readonly installNumber: number;
};

/** `waiting`: not started; `running`: armed, and not at its end yet. */
export type Verdict = 'waiting' | 'running' | 'done' | 'failed';

/** A machine that is to be reinstalled. */
export type Machine = InstallFacts & {
  readonly verdict: Verdict;
  /** 0: it was under way before, and is followed; undefined: not started. */
  readonly wave: number | undefined;
  /** Milliseconds since 1970; undefined: not started. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** Why it has failed. */
  readonly reason: string | undefined;
};

export type ReinstallLimits = {
  /** How many machines are started at once. */
  readonly waveSize: number;
  /** Nothing more is started when more than this share of those that were has failed: 0 to 1. */
  readonly abortShare: number;
  /** A machine that takes longer has failed. */
  readonly timeoutMs: number;
};

/** News of nodes. */
export type InstallNews = {
  /** True: what is not among them is no node; false: they are those that have changed. */
  readonly isAll: boolean;
  readonly nodes: readonly InstallFacts[];
  /** The names of those that are no nodes any more. */
  readonly removed: readonly string[];
};

/** What happens while machines are reinstalled. */
export type ReinstallEvent =
  | { readonly event: 'wave'; readonly number: number; readonly machines: readonly Machine[] }
  /** A machine has come to its end, or back from it. */
  | { readonly event: 'verdict'; readonly machine: Machine }
  /** Some of all these machines may have come into another state. */
  | { readonly event: 'progress'; readonly machines: readonly Machine[] }
  /** Too many have failed: no more are started. */
  | { readonly event: 'aborted'; readonly machines: readonly Machine[] };

export type ReinstallReport = {
  readonly machines: readonly Machine[];
  readonly isAborted: boolean;
  /** It was stopped before its end. */
  readonly isStopped: boolean;
};
