import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RackHost } from '../../../test/support/rack.ts';
import type { RackProcess } from '../../../test/support/rack-process.ts';
import { BenchError } from '../../support/bench-error.ts';
import type { Happening, Scene } from '../happening.ts';
import { createNamedWatch } from '../named.ts';
import type { Scenario } from '../scenario.ts';
import { treeName } from '../scree-frontend.ts';
import { type ScreeNode, startScreeNode } from '../scree-node.ts';
import { planSituation } from '../situation.ts';
import { plain } from './plain.ts';

const slowness = 10;
const badPeer = join(import.meta.dirname, '../bad-peer.ts');
const badPeers = ['killed', 'stopped', 'slow', 'liar', 'silent'] as const;

/**
 * Five machines in addition to the nodes. Killed, stopped and slow are nodes like all others until
 * something befalls them: in the middle the agent of one is killed, and that of another stopped, so
 * that it reads and says nothing any more; the third has a port of a tenth of the rate. A liar and a
 * silent peer claim to have everything.
 */
export const company: Scenario = {
  ...plain,
  name: 'company',
  about: `beside the nodes one killed, one that stops reading, one ${slowness} times slower, a liar, a silent one`,
  systems: ['scree'],
  takesAll: false,
  sizes: [{ nodes: 16, rateBitsPerSecond: 20e6 }],
  beside: ['plain'],
  plan: (size) => ({
    ...planSituation(size),
    others: badPeers.map((name, index) => ({
      name,
      ip: `10.88.1.${index + 251}`,
      rateBitsPerSecond: size.rateBitsPerSecond / (name === 'slow' ? slowness : 1),
    })),
    prepare: prepareCompany,
  }),
  goals: () => ({ toPlain: 1.15, namedSeconds: 5 }),
};

async function prepareCompany({ stage, started, limitSeconds }: Scene): Promise<Happening> {
  const { frontend } = started;
  if (frontend === undefined) throw new BenchError('usage', 'expected scree in bad company');
  const watch = createNamedWatch(frontend, stage.others);
  const nodeOf = (name: string): Promise<ScreeNode> => startScreeNode(stage, stage.rack.host(name));
  const [killed, stopped, slow] = await Promise.all(['killed', 'stopped', 'slow'].map(nodeOf));
  const torrentUrl = `http://${stage.frontend.ip}/install/${treeName}.torrent`;
  const programs = ['liar', 'silent'].map((kind) => ({
    kind,
    program: startBadPeer(stage.rack.host(kind), kind, torrentUrl),
  }));
  await Promise.all(programs.map(({ program }) => program.waitForLine(/^ready/, 30_000)));
  for (const { kind, program } of programs) {
    program.waitForLine(/^offends/, longestWaitMs).then(
      () => watch.offends(kind),
      () => {},
    );
  }
  // They need not get to their end.
  for (const node of [killed, stopped, slow]) node?.node.done.catch(() => {});

  const happen = async (signal: AbortSignal): Promise<void> => {
    for (const node of [killed, stopped, slow]) await node?.node.release();
    watch.offends('slow');
    await delay((limitSeconds / 2) * 1000, undefined, { signal });
    killed?.agent.kill();
    watch.offends('killed');
    if (stopped !== undefined) process.kill(stopped.agent.pid, 'SIGSTOP');
    watch.offends('stopped');
  };
  return {
    run: async (signal) => {
      await Promise.all([happen(signal), watch.watch(signal)]);
    },
    figures: () => ({ namedSeconds: watch.seconds() }),
  };
}

const longestWaitMs = 3600 * 1000;

function startBadPeer(host: RackHost, kind: string, torrentUrl: string): RackProcess {
  return host.start([process.execPath, badPeer, kind, torrentUrl]);
}
