import type { ExecutionContext } from 'ava';
import type { Limits } from '../../src/installer-agent/limits.ts';
import { type Agent, type AgentConfig, startAgent } from '../../src/installer-agent/start-agent.ts';
import { type Log, silentLog } from '../../src/runtime/log.ts';
import { createFakeSwarm, type FakeSwarm } from './fake-swarm.ts';
import { createOrigin, type Origin } from './origin.ts';
import type { SmallTree } from './small-tree.ts';

export type TestAgent = {
  readonly agent: Agent;
  readonly origin: Origin;
  readonly swarm: FakeSwarm;
  /** Base URL of the proxy, without a slash at its end. */
  readonly base: string;
};

/** Short, so that tests of what happens after them are quick, but not for a busy machine. */
export const shortLimits: Partial<Limits> = {
  stallMs: 4_000,
  reconnectMs: 1_000,
  reconnectForAbsentMs: 300,
  swarmPatienceMs: 500,
  doubtfulPatienceMs: 50,
  doubtMs: 1_000,
  listFreshMs: 100,
  firstListMs: 500,
  rejoinMs: 200,
};

/** An agent before a stand-in frontend, both gone with the test. */
export async function startTestAgent(
  t: ExecutionContext,
  trees: readonly SmallTree[],
  options: {
    readonly key?: AgentConfig['key'];
    readonly limits?: Partial<Limits>;
    readonly host?: string;
    readonly log?: Log;
    readonly noSwarmPort?: boolean;
    /** Settings beside those. */
    readonly config?: Partial<AgentConfig>;
    readonly prepare?: (origin: Origin, swarm: FakeSwarm) => unknown;
  } = {},
): Promise<TestAgent> {
  const origin = await createOrigin(trees);
  t.teardown(origin.stop);
  const swarm = createFakeSwarm(trees);
  await options.prepare?.(origin, swarm);
  const agent = await startAgent(
    {
      frontend: origin.url,
      listen: { host: options.host ?? '127.0.0.1', port: 0 },
      swarm: { host: '127.0.0.1', port: 0 },
      store: { folder: 'not used by the fake', sizeBytes: 2 ** 20 },
      uploadBytesPerSecond: 0,
      version: 'test',
      limits: options.limits ?? {},
      ...(options.key === undefined ? {} : { key: options.key }),
      ...options.config,
    },
    {
      log: options.log ?? silentLog,
      openSwarm: async () => {
        if (options.noSwarmPort === true) throw new Error('listen EADDRINUSE');
        return swarm.host;
      },
    },
  );
  t.teardown(agent.close);
  return { agent, origin, swarm, base: `http://127.0.0.1:${agent.address.port}` };
}

/** Waits until it is so; fails the test when that takes too long. */
export async function eventually(
  t: ExecutionContext,
  isSo: () => boolean,
  what: string,
): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!isSo() && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.true(isSo(), `expected ${what} within 30 s`);
}
