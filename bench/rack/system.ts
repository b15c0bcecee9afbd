import type { Rack, RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import type { BenchTree } from '../support/tree.ts';

/** What a system under measurement is given: a rack with nothing running in it. */
export type Stage = {
  readonly rack: Rack;
  readonly frontend: RackHost;
  readonly nodes: readonly RackHost[];
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
  readonly release: () => void;
  /** Resolves when the node has the whole tree; rejects when it cannot get it. */
  readonly done: Promise<void>;
  /** Where its copy of the tree lies then. */
  readonly copyFolder: string;
  /** Seconds from each request to its first byte, when the node's program can tell. */
  readonly firstByteSeconds: () => readonly number[];
};

/** A system whose services are up and whose nodes wait. */
export type StartedSystem = {
  readonly nodes: readonly WaitingNode[];
  /** On the frontend. */
  readonly frontendProcesses: readonly RackProcess[];
  /** On the nodes: what receives the tree and passes it on; one each, or none at all. */
  readonly agentProcesses: readonly RackProcess[];
  /** On the nodes: the pretend installers, where they are programs of their own. */
  readonly clientProcesses: readonly RackProcess[];
  /** Tree bytes that the frontend says it has sent, when it counts them. */
  readonly countSentBytes: (() => Promise<number>) | undefined;
};

export type System = {
  readonly name: string;
  /** Files that have to be there, each with the Debian package that brings it. */
  readonly needs: readonly { readonly file: string; readonly debianPackage: string }[];
  /** A makespan of so many times the limit is what it may come to with this many nodes. */
  readonly expectedRatio: (nodes: number) => number;
  readonly start: (stage: Stage) => Promise<StartedSystem>;
};
