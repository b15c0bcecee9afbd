import type { Rack, RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import type { BenchTree } from '../support/tree.ts';
import type { Situation } from './scenario.ts';
import type { ScreeFrontend } from './scree-frontend.ts';

/** What a system under measurement is given: a rack with nothing running in it. */
export type Stage = {
  readonly rack: Rack;
  readonly frontend: RackHost;
  readonly nodes: readonly RackHost[];
  /** Machines that nobody waits for; what runs on them is the scenario's. */
  readonly others: readonly RackHost[];
  readonly situation: Situation;
  readonly tree: BenchTree;
  /** The tree's paths in the order in which every node asks for them. */
  readonly order: readonly string[];
  /** For this run alone; removed after it. */
  readonly folder: string;
};

/** Waits that end with the run: its own limit is shorter. */
export const longestWaitMs = 6 * 3600 * 1000;

/** A node that waits for the start. */
export type WaitingNode = {
  readonly name: string;
  /** Resolves when the node has been told. */
  readonly release: () => Promise<void>;
  /** Resolves when the node has the whole tree; rejects when it cannot get it. */
  readonly done: Promise<void>;
  /** Where its copy of the tree lies then. */
  readonly copyFolder: string;
  /** Seconds from each request to its first byte, when the node's program can tell. */
  readonly firstByteSeconds: () => readonly number[];
};

/** What is looked at of a program that is measured. */
export type MeasuredProcess = Pick<RackProcess, 'title' | 'stderr' | 'usage'>;

/** A system whose services are up and whose nodes wait. */
export type StartedSystem = {
  readonly nodes: readonly WaitingNode[];
  /** On the frontend. */
  readonly frontendProcesses: readonly MeasuredProcess[];
  /** On the nodes: what receives the tree and passes it on; one each, or none at all. */
  readonly agentProcesses: readonly RackProcess[];
  /** On the nodes: the pretend installers, where they are programs of their own. */
  readonly clientProcesses: readonly RackProcess[];
  /** Tree bytes that the frontend says it has sent, when it counts them. */
  readonly countSentBytes: (() => Promise<number>) | undefined;
  /** Scree's own. */
  readonly frontend?: ScreeFrontend;
};

export type System = {
  readonly name: string;
  /** Files that have to be there, each with the Debian package that brings it. */
  readonly needs: readonly { readonly file: string; readonly debianPackage: string }[];
  /** A makespan of so many times the limit is what it may come to with this many nodes. */
  readonly expectedRatio: (nodes: number) => number;
  readonly start: (stage: Stage) => Promise<StartedSystem>;
};
