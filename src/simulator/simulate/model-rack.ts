import { createHash } from 'node:crypto';
import type { Leecher } from '../../swarm/leecher.ts';
import { createRandom } from '../random.ts';
import { startBadPeer } from './bad-peer.ts';
import { createTrunk, Machine, type Trunk } from './machine.ts';
import { createModelFrontend, type ModelFrontend } from './model-frontend.ts';
import { type Installation, type ModelFile, startModelInstaller } from './model-installer.ts';
import { joinSwarm, type Rack } from './model-node.ts';
import { createModelTracker, type ModelTracker } from './model-tracker.ts';
import { type ModelTree, planModelTree } from './model-tree.ts';
import { createNetwork } from './network.ts';
import type { SimulateOptions } from './options.ts';
import { PieceMemory } from './piece-memory.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { VirtualTime } from './virtual-time.ts';

/** A node, from when it is powered on. */
export type ModelNode = {
  readonly startsAtMs: number;
  /** What its installer asks for, in this order. */
  readonly files: readonly ModelFile[];
  leecher: Leecher | undefined;
  installation: Installation | undefined;
};

/** All that is modelled. */
export type ModelRack = {
  readonly time: VirtualTime;
  readonly traffic: Traffic;
  readonly tree: ModelTree;
  readonly frontend: ModelFrontend;
  readonly tracker: ModelTracker;
  readonly trunks: readonly Trunk[];
  /** Those that are waited for. */
  readonly nodes: readonly ModelNode[];
  /** Those that nobody waits for. */
  readonly slowNodes: readonly ModelNode[];
  /** How long each request of the nodes that are waited for waited for its first byte. */
  readonly waitsMs: number[];
  /** How many of the nodes have everything. */
  readonly ended: () => number;
};

const frontendIp = '10.0.0.1';
const storeBytes = 1024 * 1024 * 1024;
/** Processes that start together do not start at the same instant. */
const jitterMs = 100;
/** By what the slow nodes are slower than the others. */
export const slowness = 10;
const nodesInNet = 250;

/** Builds the rack; everything happens when its time is stepped on. */
export function createModelRack(options: SimulateOptions): ModelRack {
  const time = new VirtualTime();
  const traffic = createTraffic();
  const network = createNetwork(time, traffic);
  const memory = new PieceMemory(0);
  const tree = planModelTree(options);
  const { metainfo, documentBytes } = tree;
  const { scale } = tree;
  const plan = planMachines(time, options, scale);
  const random = createRandom(options.seed);
  const tracker = createModelTracker(time, {
    infohash: metainfo.infohash,
    frontendIp,
    random: createRandom(options.seed + 1),
    rackOf: (ip) => (options.blind ? undefined : plan.rackOf(ip)),
  });
  const machine = new Machine(time, {
    ...{ ip: frontendIp, bytesPerSecond: options.frontendBytesPerSecond },
    ...{ rack: undefined, latencyMs: options.latencyMs, scale },
  });
  const frontendId = { metainfo, documentBytes, peerId: peerIdOf(frontendIp) };
  const frontend = createModelFrontend({ network, machine, memory }, frontendId);
  const rack: Rack = {
    ...{ network, tracker, frontend, memory, metainfo },
    storeBytes: storeBytes / scale,
  };
  const waitsMs: number[] = [];
  let ended = 0;

  const addNode = (machine: Machine, at: number, isWaitedFor: boolean): ModelNode => {
    const startsAtMs = random() * (jitterMs + options.startSpreadMs);
    const files = tree.orders[at % tree.orders.length] ?? [];
    const node: ModelNode = { startsAtMs, files, leecher: undefined, installation: undefined };
    const nodeRandom = createRandom(Math.floor(random() * 2 ** 32));
    const join = () => {
      const settings = { machine, peerId: peerIdOf(machine.ip), random: nodeRandom };
      const leecher = joinSwarm(rack, settings);
      node.leecher = leecher;
      time.at(startsAtMs + options.headStartMs, () => {
        if (options.orderKnown) leecher.expect(files, true);
        node.installation = startModelInstaller({
          ...{ time, swarm: leecher, files },
          noteWait: (waitMs) => {
            if (isWaitedFor) waitsMs.push(waitMs);
          },
          onEnd: () => {
            if (isWaitedFor) ended += 1;
          },
        });
      });
    };
    time.at(startsAtMs, () => frontend.sendDocuments(machine, join));
    return node;
  };

  const nodes = plan.nodes.map((each, at) => addNode(each, at, true));
  const slowNodes = plan.slow.map((each, at) => addNode(each, at, false));
  for (const [kind, machines] of [
    ['silent', plan.silent],
    ['liar', plan.liars],
  ] as const) {
    for (const each of machines) {
      const start = () => startBadPeer(rack, kind, { machine: each, peerId: peerIdOf(each.ip) });
      time.at(random() * jitterMs, start);
    }
  }
  if (options.goneForMs > 0) {
    const firstMs = nodes.reduce((least, each) => Math.min(least, each.startsAtMs), Infinity);
    const goneAtMs = firstMs + options.headStartMs + options.goneAtMs;
    time.at(goneAtMs, () => frontend.goAway(options.goneForMs));
  }
  const { trunks } = plan;
  return {
    ...{ time, traffic, tree, frontend, tracker, trunks, nodes, slowNodes, waitsMs },
    ended: () => ended,
  };
}

/** Machines rack by rack; those that misbehave, and the slow ones, are spread over the racks. */
function planMachines(time: VirtualTime, options: SimulateOptions, scale: number) {
  const { nodes, slow, silent, liars, rackSize, latencyMs } = options;
  const kinds = [
    ...Array.from({ length: nodes }, () => 'node'),
    ...Array.from({ length: slow }, () => 'slow'),
    ...Array.from({ length: silent }, () => 'silent'),
    ...Array.from({ length: liars }, () => 'liar'),
  ];
  const rackCount = rackSize === undefined ? 0 : Math.ceil(nodes / rackSize);
  const trunks = Array.from({ length: rackCount }, () =>
    createTrunk(trunkBytesPerSecond(options), scale),
  );
  const rackNumbers = new Map<string, number>();
  const machines = kinds.map((kind, at) => {
    const number = rackNumberAt(at, { nodes, rackSize, rackCount });
    const ip = `10.${1 + Math.floor(at / 250 / 250)}.${Math.floor(at / nodesInNet) % 250}.${1 + (at % nodesInNet)}`;
    if (number !== undefined) rackNumbers.set(ip, number);
    const bytesPerSecond = options.nodeBytesPerSecond / (kind === 'slow' ? slowness : 1);
    const rack = number === undefined ? undefined : trunks[number];
    return { kind, machine: new Machine(time, { ip, bytesPerSecond, rack, latencyMs, scale }) };
  });
  const of = (kind: string) =>
    machines.filter((each) => each.kind === kind).map(({ machine }) => machine);
  return {
    trunks,
    rackOf: (ip: string) => rackNumbers.get(ip),
    ...{ nodes: of('node'), slow: of('slow'), silent: of('silent'), liars: of('liar') },
  };
}

function rackNumberAt(
  at: number,
  plan: {
    readonly nodes: number;
    readonly rackSize: number | undefined;
    readonly rackCount: number;
  },
): number | undefined {
  if (plan.rackSize === undefined) return undefined;
  return at < plan.nodes ? Math.floor(at / plan.rackSize) : (at - plan.nodes) % plan.rackCount;
}

/** What each rack has to the others, each way. */
export function trunkBytesPerSecond(options: SimulateOptions): number {
  const { rackSize = 0, nodeBytesPerSecond, uplinkRatio } = options;
  return (rackSize * nodeBytesPerSecond) / uplinkRatio;
}

function peerIdOf(ip: string): Buffer {
  const digits = createHash('sha1').update(ip).digest('hex').slice(0, 12);
  return Buffer.from(`-SC0100-${digits}`, 'latin1');
}
