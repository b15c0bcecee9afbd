import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RackHost } from './rack.ts';
import type { RackProcess } from './rack-process.ts';

const scree = fileURLToPath(new URL('../../scree', import.meta.url));
const readyLimitMs = 30_000;

/** Writes a configuration for a frontend on this host, its state in the same folder. */
export async function writeConfig(host: Pick<RackHost, 'ip'>, folder: string): Promise<string> {
  const path = join(folder, 'scree.yaml');
  await mkdir(folder, { recursive: true });
  const lines = [
    `state: ${join(folder, 'state')}`,
    `http: { listen: "${host.ip}:80" }`,
    // Figures soon, for tests that wait for them.
    `tracker: { listen: "${host.ip}:6969", interval: 2 }`,
    `seed: { listen: "${host.ip}:6881" }`,
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

export async function addTree(
  host: RackHost,
  config: string,
  tree: { readonly name: string; readonly folder: string; readonly inInstallOrder?: boolean },
): Promise<void> {
  const flags = tree.inInstallOrder ? ['--in-install-order'] : [];
  await host.run([scree, 'tree', 'add', tree.name, tree.folder, '-c', config, ...flags], {
    timeoutMs: 120_000,
  });
}

export async function startFrontend(host: RackHost, config: string): Promise<RackProcess> {
  const program = host.start([scree, 'frontend', '-c', config]);
  await program.waitForLine(/^ready/, readyLimitMs);
  return program;
}

export type AgentPlan = {
  readonly frontend: RackHost;
  readonly store: string;
  /** Further flags. */
  readonly flags?: readonly string[];
  /** A command that runs the agent, such as `unshare … --`. */
  readonly wrapper?: readonly string[];
};

export async function startAgent(host: RackHost, plan: AgentPlan): Promise<RackProcess> {
  await mkdir(plan.store, { recursive: true });
  const where = ['--frontend', `http://${plan.frontend.ip}`, '--store', plan.store];
  const command = [scree, 'agent', ...where, ...(plan.flags ?? [])];
  const program = host.start([...(plan.wrapper ?? []), ...command]);
  await program.waitForLine(/^ready/, readyLimitMs);
  return program;
}
