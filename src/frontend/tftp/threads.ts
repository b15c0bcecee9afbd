import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { bindUdp, closeUdp } from '../../runtime/udp.ts';
import {
  type TftpServer,
  type TftpServerConfig,
  type TftpServerDeps,
  tftpDefaults,
} from './server.ts';
import { startTftpThread } from './thread.ts';
import type { TftpDrops } from './types.ts';

/** Two send what a port of 1 Gbit/s takes; further ones would only share their files in memory less. */
const mostThreads = 2;

/**
 * Serves files by TFTP as `startTftpServer` does, in threads of their own: a rack that loads its
 * ramdisks keeps cores busy, and none of them is the one that answers everything else. The kernel
 * deals clients out to the threads; each has its part of the limits. Rejects as bind does.
 */
export async function startTftpThreads(
  deps: Pick<TftpServerDeps, 'log' | 'open' | 'onEvent'>,
  given: TftpServerConfig,
): Promise<TftpServer> {
  const count = Math.min(mostThreads, availableParallelism());
  // Two frontends would not notice each other: ports that may be shared are no longer taken.
  await requireFreePort(given);
  const config = { ...divide({ ...tftpDefaults, ...given }, count), isShared: count > 1 };
  const first = await startTftpThread(deps, config);
  const threads = [first];
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  try {
    while (threads.length < count) {
      threads.push(await startTftpThread(deps, { ...config, port: first.port }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const { host, port } = first;
  return { host, port, counts: () => addCounts(threads.map((thread) => thread.counts())), close };
}

async function requireFreePort({ host, port }: TftpServerConfig): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  await bindUdp(socket, { host, port });
  await closeUdp(socket);
}

function divide(
  config: TftpServerConfig & typeof tftpDefaults,
  count: number,
): TftpServerConfig & typeof tftpDefaults {
  const part = (limit: number): number => Math.max(1, Math.ceil(limit / count));
  return {
    ...config,
    maximumTransfers: part(config.maximumTransfers),
    maximumTransfersPerClient: part(config.maximumTransfersPerClient),
    memoryBytes: part(config.memoryBytes),
  };
}

function addCounts(all: readonly ReturnType<TftpServer['counts']>[]) {
  const sum = (pick: (drops: TftpDrops) => number): number =>
    all.reduce((total, { drops }) => total + pick(drops), 0);
  return {
    transfers: all.reduce((total, { transfers }) => total + transfers, 0),
    drops: {
      malformed: sum((drops) => drops.malformed),
      unexpected: sum((drops) => drops.unexpected),
      repeated: sum((drops) => drops.repeated),
      busy: sum((drops) => drops.busy),
    },
  };
}
