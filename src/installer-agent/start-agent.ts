import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { uptime } from 'node:os';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { createSwarmHost } from '../swarm/swarm-host.ts';
import type {
  StoreChoice,
  StorePlace,
  StoreStatus,
  SwarmHost,
  SwarmHostOptions,
} from '../swarm/types.ts';
import { createAnswer } from './answer.ts';
import { type Control, type ControlConfig, createControl } from './control/control.ts';
import { createCounters } from './counters.ts';
import { AgentError } from './errors.ts';
import { FirstByteWaits } from './first-byte-waits.ts';
import { createFrontendLink } from './frontend-link.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { TreeId } from './open-tree.ts';
import { openProxy } from './proxy.ts';
import { type AgentStatus, reportStatus } from './status.ts';
import { createTrees } from './trees.ts';
import { createTrust } from './trust.ts';

export type Endpoint = { readonly host: string; readonly port: number };

export type AgentConfig = {
  readonly frontend: URL;
  readonly listen: Endpoint;
  readonly swarm: Endpoint;
  /** Without a size the machine's memory decides. */
  readonly store: StoreChoice;
  readonly uploadBytesPerSecond: number;
  readonly role?: string;
  /** Of the install that the frontend is told of. */
  readonly token?: string;
  /** How long this machine serves its rack at most when its install is over. */
  readonly lingerSeconds?: number;
  readonly control?: Pick<ControlConfig, 'reporter' | 'ending'>;
  /** What manifests must be signed with; none: the first key that the frontend names. */
  readonly key?: KeyObject;
  readonly limits?: Partial<Limits>;
  readonly version: string;
};

export type AgentDeps = {
  readonly log: Log;
  /** Our own swarm host unless given. */
  readonly openSwarm?: (options: SwarmHostOptions) => Promise<SwarmHost>;
};

export type Agent = {
  readonly address: Endpoint;
  /** Undefined when no swarm port could be opened. */
  readonly swarmPort: number | undefined;
  readonly status: () => AgentStatus;
  /** Resolves with why, if this agent will not hand out what its installer needs. */
  readonly refused: Promise<string>;
  /** Tells the frontend that this install is over; gives up when it is away. */
  readonly fail: (reason: string) => Promise<void>;
  /**
   * The store goes on in another folder, by default with a share of what is free there. Throws
   * StoreError with a reason; it then goes on where it was.
   */
  readonly moveStore: (to: StoreChoice) => Promise<StorePlace>;
  /** Lets go of the disk, with nothing left on it: before it is unmounted. */
  readonly leaveStore: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Machines that were given none are told apart from no others. */
const noRole = '-';
const noStore: StoreStatus = { folder: undefined, sizeBytes: 0, capacityBytes: 0 };
const frontendConnections = 24;

/** Starts an agent; resolves when the proxy answers and the list of trees was asked for once. */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<Agent> {
  const { log } = deps;
  const limits = { ...defaultLimits, ...config.limits };
  const counters = createCounters();
  const firstByteWaits = new FirstByteWaits();
  const host = await openSwarmOrNot(config, deps);
  const link = createFrontendLink({
    url: config.frontend,
    connections: frontendConnections,
    connectMs: limits.connectMs,
    // Whoever is told which machines are of their rack knows them by the addresses of peers.
    localAddress: host === undefined ? undefined : fixedAddress(config.swarm, config.frontend),
  });
  const trust = createTrust(config.key, log);
  const { promise: refused, resolve: onRefused } = Promise.withResolvers<string>();
  const trees = createTrees({
    link,
    host,
    trust,
    limits,
    log,
    role: config.role ?? noRole,
    onRefused,
  });
  const startedAtMs = performance.now();
  const status = () =>
    reportStatus({
      facts: {
        version: config.version,
        frontend: config.frontend.origin,
        isFrontendKnown: trees.isFrontendKnown(),
        role: config.role,
        swarmPort: host?.port,
      },
      store: host?.store.status() ?? noStore,
      startedAtMs,
      counters,
      firstByte: firstByteWaits.report(),
      slots: trees.slots(),
    });
  const moveStore = async (to: StoreChoice): Promise<StorePlace> => {
    if (host === undefined) throw new AgentError('refused', 'no store: no swarm port is open here');
    return host.store.move(to);
  };
  const leaveStore = async () => host?.store.leave();
  const { token, lingerSeconds = 0, version } = config;
  const control = createControl(
    {
      ...{ link, counters, log },
      trees: () => status().trees,
      treesInUse: () =>
        trees.slots().flatMap(({ id, wasAskedFor }) => (wasAskedFor ? nameOf(id) : [])),
      ...{ moveStore, leaveStore, stopReadingAhead: () => host?.stopReadingAhead() },
    },
    {
      ...{ token, lingerSeconds, version },
      ...{ silenceMs: limits.answerMs, stallMs: limits.stallMs },
      ...config.control,
    },
  );
  const { strict } = trust;
  const answer = createAnswer({
    ...{ link, trees, strict, counters, firstByteWaits, limits, status, control },
  });
  const closeParts = async () => {
    await control.close();
    await trees.close();
    await host?.close();
    link.close();
  };
  try {
    const proxy = await openProxy(config.listen, { answer, counters, limits, log });
    tellOfStart(control);
    await trees.start();
    const close = async () => {
      await control.close();
      await proxy.close();
      await closeParts();
    };
    const { fail } = control;
    const { address } = proxy;
    const store = { moveStore, leaveStore };
    return { address, swarmPort: host?.port, status, refused, fail, ...store, close };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

function nameOf({ name, generation }: TreeId): string {
  return `${name}@${generation}`;
}

/** A machine that has just been switched on was so for this. */
const longestBootMs = 15 * 60_000;

function tellOfStart({ phase }: Control): void {
  const uptimeMs = uptime() * 1000;
  const nowMs = performance.timeOrigin + performance.now();
  if (uptimeMs < longestBootMs)
    phase('booted', undefined, Math.max(0, Math.round(nowMs - uptimeMs)));
  phase('agent');
}

/** One that a request to this frontend can come from for certain. */
function fixedAddress({ host }: Endpoint, frontend: URL): string | undefined {
  return isIPv4(host) && host !== '0.0.0.0' && isIPv4(frontend.hostname) ? host : undefined;
}

/** An agent without a swarm still serves its installer, from the frontend. */
async function openSwarmOrNot(
  config: AgentConfig,
  { log, openSwarm = (options) => createSwarmHost({ log }, options) }: AgentDeps,
): Promise<SwarmHost | undefined> {
  try {
    return await openSwarm({
      listen: config.swarm,
      uploadBytesPerSecond: config.uploadBytesPerSecond,
      store: config.store,
      ...(config.role === undefined ? {} : { role: config.role }),
    });
  } catch (error) {
    log.error('swarm port not opened, serving from the frontend only', {
      ...config.swarm,
      reason: messageOf(error),
    });
    return undefined;
  }
}
