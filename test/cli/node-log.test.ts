import test from 'ava';
import { createInstallLogs } from '../../src/frontend/installs/install-logs.ts';
import { databasePath, openNodeRecords } from '../../src/frontend/nodes/records.ts';
import { migrations } from '../../src/frontend/nodes/schema.ts';
import { openDatabase } from '../../src/runtime/database.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createCli } from '../support/cli.ts';

test.serial(
  'the end of the log of an install is shown, whether it went well or failed',
  async (t) => {
    const { out, run, state } = await createCli(t);
    t.is((await run('node', 'log', 'nobody')).code, 1);
    await out('node', 'add', 'compute-0-0', '--mac', '52:54:00:00:00:01');
    t.regex(await out('node', 'log', 'compute-0-0'), /^no log: the latest install of compute-0-0/);
    await out('node', 'boot', 'compute-0-0', 'install');
    const records = openNodeRecords({ log: silentLog }, { path: databasePath(state) });
    const node = records.store.byName('compute-0-0');
    await records.close();
    const database = openDatabase({
      ...{ path: databasePath(state), migrations },
      ...{ isDurable: false, waitMs: 2_000 },
    });
    const logs = createInstallLogs({ database });
    t.teardown(() => database.close());
    if (node !== undefined) logs.keep(node, '+ mkfs\nno disk found\n');
    t.is(await out('node', 'log', 'compute-0-0'), '+ mkfs\nno disk found\n');
    t.like(JSON.parse(await out('node', 'log', 'compute-0-0', '--json')), {
      node: 'compute-0-0',
      installNumber: 1,
      text: '+ mkfs\nno disk found',
    });
    await out('node', 'boot', 'compute-0-0', 'os');
    if (node !== undefined) logs.keep(node, '+ grub-install\n+ reboot\n');
    t.is(await out('node', 'log', 'compute-0-0'), '+ grub-install\n+ reboot\n');
  },
);
