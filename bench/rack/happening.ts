import type { RunFigures } from './figures.ts';
import type { Stage, StartedSystem } from './system.ts';

/** A started system, before its nodes are released. */
export type Scene = {
  readonly stage: Stage;
  readonly started: StartedSystem;
  readonly limitSeconds: number;
};

/** What happens in a run beside the nodes' being filled. */
export type Happening = {
  /** From the release on, until the signal; when it rejects, the run has failed. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly figures: () => Pick<RunFigures, 'namedSeconds'>;
};
