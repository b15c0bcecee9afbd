import type { ProgressReport } from '../../src/protocol/install-progress.ts';
import type { ConsoleFrontend } from './console-frontend.ts';

type Phase = ProgressReport['phases'][number]['name'];

export type PretendMachines = {
  /** It has fetched how to install. */
  readonly begin: (name: string) => Promise<void>;
  readonly tell: (name: string, how: PretendProgress) => Promise<void>;
  readonly succeed: (name: string) => Promise<void>;
  readonly fail: (name: string, reason: string, log: string) => Promise<void>;
};

export type PretendProgress = {
  /** With the seconds since the first. */
  readonly phases: readonly (readonly [Phase, number, string?])[];
  readonly packages?: readonly [number, number];
  /** From its rack, other racks, the frontend, and the frontend by HTTP. */
  readonly megabytes?: readonly [number, number, number, number];
};

/** Machines that say of their installs what agents would say. */
export function pretendMachines({ url, tokenOf }: ConsoleFrontend): PretendMachines {
  const tokens = new Map<string, Promise<string>>();
  const known = (name: string) => {
    const token = tokens.get(name) ?? tokenOf(name);
    tokens.set(name, token);
    return token;
  };
  let sequence = 0;
  const post = async (path: string, body: string): Promise<void> => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  return {
    begin: async (name) => {
      tokens.delete(name);
      const response = await fetch(`${url}/kickstart/${await known(name)}`);
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    },
    tell: async (name, how) => {
      sequence += 1;
      const report = JSON.stringify(reportOf(how, sequence));
      await post(`/installs/${await known(name)}/progress`, report);
    },
    succeed: async (name) => post(`/installs/${await known(name)}/success`, ''),
    fail: async (name, reason, log) => {
      const query = `reason=${encodeURIComponent(reason)}`;
      await post(`/installs/${await known(name)}/failure?${query}`, log);
    },
  };
}

function reportOf({ phases, packages, megabytes }: PretendProgress, sequence: number) {
  const [rack = 0, peers = 0, frontend = 0, fallback = 0] = (megabytes ?? []).map((n) =>
    Math.round(n * 1e6),
  );
  const lastSeconds = Math.max(...phases.map(([, seconds]) => seconds), 0);
  return {
    ...{ run: 'pretended', sequence, atMs: 1_000_000 + lastSeconds * 1_000 },
    phases: phases.map(([name, seconds, detail]) => ({
      ...{ name, atMs: 1_000_000 + seconds * 1_000 },
      ...(detail === undefined ? {} : { detail }),
    })),
    ...(packages === undefined ? {} : { packages: { done: packages[0], total: packages[1] } }),
    ...{ bytes: { rack, peers, frontend, fallback }, agentVersion: '0.1.0', trees: ['debian12@3'] },
  };
}
