import type { LimitInput } from '../../test/support/limit-seconds.ts';
import type { HostPlan } from '../../test/support/rack-namespaces.ts';
import type { UplinkPlan } from '../../test/support/rack-uplinks.ts';
import type { Happening, Scene } from './happening.ts';

/** Nodes to fill, and the rate of every port, each way. */
export type Size = { readonly nodes: number; readonly rateBitsPerSecond: number };

/** A situation in which nodes are filled; each has a file of its own in scenarios/. */
export type Scenario = {
  readonly name: string;
  /** For `--help`. */
  readonly about: string;
  /** What is measured unless systems are named. */
  readonly systems: readonly string[];
  /** Also what else is measured of those that are named: it needs nothing that only Scree has. */
  readonly takesAll: boolean;
  readonly sizes: readonly Size[];
  readonly treeSizeBytes: number;
  /** Scenarios that are measured in the same run, for comparison, with Scree alone if they can. */
  readonly beside: readonly string[];
  readonly plan: (size: Size, treeSizeBytes: number) => Situation;
  /** What Scree's medians may come to at most. */
  readonly goals: (nodes: number) => Goals;
};

export type Situation = {
  readonly frontend: HostPlan;
  /** They are to be filled. */
  readonly nodes: readonly HostPlan[];
  /** Nobody waits for these. */
  readonly others: readonly HostPlan[];
  readonly uplinks: readonly UplinkPlan[];
  /** When each node starts, and its agent with it; undefined: agents are up, and all start at once. */
  readonly startsSeconds: readonly number[] | undefined;
  /** No agent ever gets an answer from the address that torrents name. */
  readonly isTrackerDead: boolean;
  /** What limits it beside the ports. */
  readonly limits: Pick<LimitInput, 'frontendGone'>;
  /** What else happens. */
  readonly prepare: ((scene: Scene) => Promise<Happening>) | undefined;
};

export type GoalName =
  | 'ratio'
  | 'copies'
  | 'toPlain'
  | 'toNginx'
  | 'slowestToMedian'
  | 'intoBusiestRack'
  | 'agentCpu'
  | 'agentPeak'
  | 'namedSeconds';

export type Goals = { readonly [Name in GoalName]?: number };
