/** What is simulated. */
export type SimulateOptions = {
  readonly nodes: number;
  readonly treeBytes: number;
  readonly files: number;
  /** Fewer than the tree has: a model in which tree and rates are smaller alike. Undefined: all. */
  readonly pieces: number | undefined;
  /** What each node wants of the tree, from 0 to 1; less than 1: nodes are of two roles. */
  readonly part: number;
  /** What a role wants lies all over the torrent; else as `tree add --in-install-order` puts it. */
  readonly scattered: boolean;
  /** Agents know what their installer will ask for when it begins; not before, as they may. */
  readonly orderKnown: boolean;
  /** Of each node's port, each way. */
  readonly nodeBytesPerSecond: number;
  readonly frontendBytesPerSecond: number;
  /** Nodes in a rack; undefined: all on one switch. */
  readonly rackSize: number | undefined;
  /** All ports of a full rack ÷ its uplink. */
  readonly uplinkRatio: number;
  /** The tracker does not know which node is in which rack. */
  readonly blind: boolean;
  /** Installers begin within so long, evenly spread by chance. */
  readonly startSpreadMs: number;
  /** How long an agent runs before its installer begins. */
  readonly headStartMs: number;
  readonly latencyMs: number;
  /** How long the frontend is away when it is killed in the middle; 0: it is not. */
  readonly goneForMs: number;
  /** When that is, from when the first installer begins. */
  readonly goneAtMs: number;
  /** Machines beside the nodes: they claim everything and give nothing; or wrong bytes. */
  readonly silent: number;
  readonly liars: number;
  /** Further nodes, at a tenth of the rate, for which nobody waits. */
  readonly slow: number;
  readonly seed: number;
};

export const defaultOptions: SimulateOptions = {
  nodes: 40,
  treeBytes: 2 ** 28,
  files: 300,
  pieces: undefined,
  part: 1,
  scattered: false,
  orderKnown: false,
  nodeBytesPerSecond: 125_000_000,
  frontendBytesPerSecond: 125_000_000,
  rackSize: undefined,
  uplinkRatio: 4,
  blind: false,
  startSpreadMs: 0,
  headStartMs: 5000,
  latencyMs: 0.1,
  goneAtMs: 0,
  goneForMs: 0,
  silent: 0,
  liars: 0,
  slow: 0,
  seed: 1,
};
