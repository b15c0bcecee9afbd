import type { KeyObject } from 'node:crypto';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { createSwarmHost } from '../swarm/swarm-host.ts';
import type { SwarmHost, SwarmHostOptions } from '../swarm/types.ts';
import { createAnswer } from './answer.ts';
import { createCounters } from './counters.ts';
import { createFrontendLink } from './frontend-link.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { openProxy } from './proxy.ts';
import { type AgentStatus, reportStatus } from './status.ts';
import { createTrees } from './trees.ts';
import { createTrust } from './trust.ts';

export type Endpoint = { readonly host: string; readonly port: number };

export type AgentConfig = {
  readonly frontend: URL;
  readonly listen: Endpoint;
  readonly swarm: Endpoint;
  readonly store: { readonly folder: string; readonly sizeBytes: number };
  readonly uploadBytesPerSecond: number;
  readonly role?: string;
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
  readonly close: () => Promise<void>;
};

const frontendConnections = 24;

/** Starts an agent; resolves when the proxy answers and the list of trees was asked for once. */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<Agent> {
  const { log } = deps;
  const limits = { ...defaultLimits, ...config.limits };
  const counters = createCounters();
  const link = createFrontendLink({
    url: config.frontend,
    connections: frontendConnections,
    connectMs: limits.connectMs,
  });
  const host = await openSwarmOrNot(config, deps);
  const trees = createTrees({ link, host, trust: createTrust(config.key, log), limits, log });
  const startedAtMs = performance.now();
  const status = () =>
    reportStatus({
      facts: {
        version: config.version,
        frontend: config.frontend.origin,
        role: config.role,
        swarmPort: host?.port,
      },
      store: config.store,
      startedAtMs,
      counters,
      slots: trees.slots(),
    });
  const answer = createAnswer({ link, trees, counters, limits, status });
  const closeParts = async () => {
    await trees.close();
    await host?.close();
    link.close();
  };
  try {
    const proxy = await openProxy(config.listen, { answer, counters, limits, log });
    await trees.start();
    const close = async () => {
      await proxy.close();
      await closeParts();
    };
    return { address: proxy.address, swarmPort: host?.port, status, close };
  } catch (error) {
    await closeParts();
    throw error;
  }
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
