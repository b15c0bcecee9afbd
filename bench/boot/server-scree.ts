import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databasePath, openNodeRecords } from '../../src/frontend/nodes/records.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { dynamicRange, type Machine, machinesUpTo } from './machines.ts';
import type { DhcpServer, Stage, TftpServer } from './stage.ts';

export const scree = join(import.meta.dirname, '../../scree');

/** `scree frontend`, all of it. */
export const screeServer: DhcpServer & TftpServer = {
  name: 'scree',
  needs: [],
  hasWindows: true,
  startDhcp: async (stage, { kind, machines, probe }) => {
    await addMachines(stage, kind === 'reserved' ? machinesUpTo(machines) : []);
    const range = kind === 'range' ? `, range: ${dynamicRange.first}-${dynamicRange.last}` : '';
    const known = `router: ${stage.server.ip}, domain: rack.local, unknown: address`;
    const section = `dhcp: { mode: server, interface: eth0, ${known}, probe: ${probe}${range} }`;
    return startFrontend(stage, `${section}\ntftp: { listen: "${stage.server.ip}:69" }\n`);
  },
  startTftp: async (stage, root) => {
    const { ip } = stage.clients;
    await addMachines(stage, [{ name: 'compute-0-0', mac: '02:5c:00:00:00:00', address: ip }]);
    await rm(join(statePath(stage), 'tftpboot'), { recursive: true, force: true });
    await symlink(root, join(statePath(stage), 'tftpboot'));
    return startFrontend(stage, `tftp: { listen: "${stage.server.ip}:69" }\n`);
  },
};

export function statePath({ folder }: Pick<Stage, 'folder'>): string {
  return join(folder, 'state');
}

export function configPath({ folder }: Pick<Stage, 'folder'>): string {
  return join(folder, 'scree.yaml');
}

async function startFrontend(stage: Stage, sections: string): Promise<RackProcess> {
  const { server } = stage;
  const listen = [
    `state: ${statePath(stage)}`,
    `http: { listen: "${server.ip}:80" }`,
    `tracker: { listen: "${server.ip}:6969" }`,
    `seed: { listen: "${server.ip}:6881" }`,
  ];
  await writeFile(configPath(stage), `${listen.join('\n')}\n${sections}`);
  const program = server.start([scree, 'frontend', '-c', configPath(stage)]);
  await program.waitForLine(/^ready/, 60_000);
  return program;
}

async function addMachines(stage: Stage, machines: readonly Machine[]): Promise<void> {
  await mkdir(statePath(stage), { recursive: true });
  const records = openNodeRecords({ log: silentLog }, { path: databasePath(statePath(stage)) });
  for (const { name, mac, address } of machines) records.store.add({ name, macs: [mac], address });
  await records.close();
}
