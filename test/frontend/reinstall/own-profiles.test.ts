import { join } from 'node:path';
import test from 'ava';
import { createAttributes } from '../../../src/frontend/attributes/main.ts';
import { prepareReinstall } from '../../../src/frontend/reinstall/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';
import { writeFiles } from '../profiles/fixture.ts';

const own = `
output: kickstart
os: rocky9
tree: rocky9
attributes:
  bmc-address: { default: 10.9.0.1 }
  bmc-user: { default: root }
  bmc-password: { secret: true, default: calvin }
`;

test('attributes of profiles that are in a folder of their own are known to the power', async (t) => {
  const state = await temporaryFolder(t);
  const folder = join(state, 'elsewhere');
  await writeFiles(folder, { 'own.yaml': own });
  const { store } = await openStore(t, join(state, 'scree.db'));
  store.add({ name: 'compute-0-0', macs: [macOf(1)] });
  const httpListen = { host: '10.1.1.1', port: 80 };
  const entries = [{ name: 'profile', value: 'own', isSeen: false }];
  const attributes = createAttributes({ state, profileFolders: [folder], httpListen });
  attributes.set({ kind: 'global' }, { entries, isSecret: false });
  const { planned } = await prepareReinstall(
    { state, profileFolders: [folder], httpListen, interfaceName: 'lo' },
    {
      ...{ selection: ['all'], action: 'install', how: 'redfish', inShell: false },
      limits: { waveSize: 1, abortShare: 0.1, timeoutMs: 1_000 },
      skipYoungerMs: 0,
    },
  );
  t.deepEqual(
    planned.map(({ name, wave }) => [name, wave]),
    [['compute-0-0', 1]],
  );
});
