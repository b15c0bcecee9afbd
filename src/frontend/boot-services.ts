import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BootInstalls, type GeneratorSettings, generateBootFile } from './boot/generated.ts';
import { createInspectBoot, type InspectBoot } from './boot/inspect-boot.ts';
import { type BootRoots, createBootRoots } from './boot/roots.ts';
import { createWho, type Who } from './boot/who.ts';
import type { BootFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { createHeardAddresses } from './dhcp/heard-addresses.ts';
import { type Leases, openLeases } from './dhcp/leases.ts';
import { createMacOnWire } from './dhcp/mac-on-wire.ts';
import { readOwnWire } from './dhcp/own-wire.ts';
import { startDhcp } from './dhcp-service.ts';
import type { Discovery } from './discover/discovery.ts';
import { startTftp } from './tftp-service.ts';

export type BootServices = {
  readonly roots: BootRoots;
  readonly inspect: InspectBoot;
  /** Whom a boot file is for. */
  readonly who: Who;
  /** Undefined where DHCP is off: nobody is heard. */
  readonly discovery: Discovery | undefined;
  readonly figures: () => BootFigures;
};

/**
 * Starts what answers machines from power-on to kernel: DHCP and TFTP, as far as they are
 * configured. What each machine is sent is made from its node at that moment.
 */
export async function startBootServices(
  deps: BootServicesDeps,
  config: Config,
): Promise<BootServices> {
  const { mode } = config.dhcp;
  const folder = join(config.state, 'tftpboot');
  const hasFile = (path: string) => existsSync(join(folder, path));
  const settings = { ...config.boot, hasFile };
  const roots = createRoots(folder, settings, deps.installs);
  const leases = mode === 'off' ? undefined : await openOwnLeases(deps, config.state);
  const macOnWire = createMacOnWire({
    nowMs: Date.now,
    readWire: () => readOwnWire(mode === 'proxy' ? config.dhcp.interface : undefined),
  });
  // Another server's leases are not known, but what its clients say of them is.
  const heard = mode === 'proxy' ? createHeardAddresses({ nowMs: Date.now, macOnWire }) : undefined;
  const who = createWho({
    nodes: deps.nodes.store,
    leaseAt: heard?.at ?? leases?.at,
    areLeasesOwn: mode === 'server',
    macOnWire,
    nowMs: Date.now,
  });
  const tftp = await startTftp({ ...deps, roots, who }, config);
  const isOff = mode === 'off' || leases === undefined;
  const dhcp = isOff ? undefined : await startDhcp({ ...deps, leases, heard }, config, mode);
  const figures = () => ({ dhcp: dhcp?.figures(), tftp: tftp?.() });
  const inspect = createInspectBoot({ roots }, settings);
  return { roots, inspect, who, discovery: dhcp?.discovery, figures };
}

async function openOwnLeases({ log, later }: BootServicesDeps, state: string): Promise<Leases> {
  const leases = await openLeases({ log }, { path: join(state, 'leases') });
  later({ name: 'leases', close: leases.close });
  return leases;
}

function createRoots(
  folder: string,
  settings: GeneratorSettings,
  installs: BootInstalls,
): BootRoots {
  return createBootRoots(
    {
      generate: (node, path, access) =>
        generateBootFile({ node, path, access }, settings, installs),
    },
    { folder },
  );
}
