import { join } from 'node:path';
import { generateBootFile } from './boot/generated.ts';
import { type BootActions, builtInActions } from './boot/plan-boot.ts';
import { type BootRoots, createBootRoots } from './boot/roots.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { startDhcp } from './dhcp-service.ts';
import { startTftp } from './tftp-service.ts';

const installer = { kernel: 'debian/linux', initrds: ['debian/initrd'] };

/**
 * Starts what answers machines from power-on to kernel: DHCP and TFTP, as far as they are
 * configured. What each machine is sent is made from its node at that moment.
 */
export async function startBootServices(
  deps: BootServicesDeps,
  config: Config,
): Promise<BootRoots> {
  const roots = createRoots(config.state, builtInActions(installer));
  await startTftp(deps, roots, config);
  if (config.dhcp.mode !== 'off') await startDhcp(deps, config, config.dhcp.mode);
  return roots;
}

function createRoots(state: string, actions: BootActions): BootRoots {
  return createBootRoots(
    { generate: (node, path, access) => generateBootFile({ node, path, access }, { actions }) },
    { folder: join(state, 'tftpboot') },
  );
}
