import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RackHost } from './rack.ts';
import type { RackProcess } from './rack-process.ts';

/**
 * udhcpc on a device of the host: it asks each second, at most `tries` times, takes the address that
 * it gets, with a route to the rack through its router, and goes on; SIGUSR1 makes it renew. Its
 * output is on stdout.
 */
export async function startUdhcpc(
  host: RackHost,
  config: { readonly folder: string; readonly device: string; readonly tries: number },
): Promise<RackProcess> {
  const { folder, device, tries } = config;
  const script = join(folder, `udhcpc-${host.name}.sh`);
  const take = `ip addr replace $ip/$mask dev ${device}`;
  const route = '[ -z "$router" ] || ip route replace 10.88.0.0/16 via $router';
  await writeFile(script, `#!/bin/sh\ncase $1 in bound|renew) ${take}; ${route} ;; esac\n`);
  await chmod(script, 0o755);
  const command = `udhcpc -i ${device} -f -n -t ${tries} -T 1 -s ${script}`;
  return host.start(['sh', '-c', `exec ${command} 2>&1`]);
}
