import { join } from 'node:path';
import { generateBootFile } from './boot/generated.ts';
import { type BootRoots, createBootRoots } from './boot/roots.ts';
import type { BootFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { startDhcp } from './dhcp-service.ts';
import { startTftp } from './tftp-service.ts';

export type BootServices = {
  readonly roots: BootRoots;
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
  const roots = createRoots(config);
  const tftp = await startTftp(deps, roots, config);
  const { mode } = config.dhcp;
  const dhcp = mode === 'off' ? undefined : await startDhcp(deps, config, mode);
  return { roots, figures: () => ({ dhcp: dhcp?.(), tftp: tftp?.() }) };
}

function createRoots({ state, boot }: Config): BootRoots {
  return createBootRoots(
    { generate: (node, path, access) => generateBootFile({ node, path, access }, boot) },
    { folder: join(state, 'tftpboot') },
  );
}
