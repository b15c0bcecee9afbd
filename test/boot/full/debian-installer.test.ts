import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openBootLab } from '../../support/boot-lab.ts';
import { makeDebianMachine } from '../../support/debian-machine.ts';
import { installWith } from '../../support/debian-netboot-lab.ts';
import { makeNetbootMirror } from '../../support/debian-netboot-mirror.ts';

const limitMs = 600_000;
const node = 'compute-0-0';
const steps = fileURLToPath(new URL('../../support/debian-menu-steps.sh', import.meta.url));

test('Debian’s own installer goes its whole way with the agent’s image', async (t) => {
  t.timeout(2 * limitMs);
  const mirror = await makeNetbootMirror();
  const lab = await openBootLab(t, {
    // There are no modules for the kernel that runs here.
    settings: { boot: { actions: { install: installWith('anna/no_kernel_modules=true') } } },
    tree: { name: 'debian12', folder: mirror.folder },
    prepare: async (control, tftpboot) => {
      const fragments = join(tftpboot, '../profiles/fragments');
      await mkdir(fragments, { recursive: true });
      await writeFile(join(fragments, '../folder.yaml'), 'include: [debian12, no-kernel]\n');
      const answer = 'd-i base-installer/kernel/image string none\n';
      await writeFile(join(fragments, 'no-kernel.preseed'), answer);
      await control('image', 'build', '--compression', 'zstd-quick');
      await control('attr', 'set', '--global', 'profile=folder', 'language=C.UTF-8');
    },
  });
  const place = { folder: lab.folder, keyring: mirror.keyring, steps };
  const machine = await makeDebianMachine(lab.machine(), place);
  await lab.addNode({ name: node, mac: machine.mac, ip: '10.88.0.50', action: 'install' });
  t.teardown(async () => {
    const log = await machine.readFile('var/log/syslog').catch(String);
    if (!t.passed) t.log(log.split('\n').slice(-60).join('\n'));
  });
  const run = await machine.install(await machine.powerOn());
  const story = [
    /booting → installing/,
    /kickstart +sent, early\.sh/,
    /install-progress +partitioned/,
    /kickstart +sent, late\.sh/,
    /installing → os/,
  ];
  await lab.waitForStory(node, story, limitMs);
  await run.ended;
  // Its first package comes in the moment in which the hook tells of the disk.
  t.regex(await lab.control('node', 'events', node), /install-progress +packages/);

  const log = await machine.readFile('var/log/syslog');
  t.notRegex(log, /question will be asked/);
  t.regex(log, /net-retriever: gpgv: Good signature/);
  t.regex(log, /anna\[\d+\]: .* URL:http:\/\/127\.0\.0\.1\/install\/debian12\/pool\/udebs\//);
  const fetched = [...log.matchAll(/ Get:\d+ (\S+)/g)].map(([, url]) => url);
  t.deepEqual([...new Set(fetched)], ['http://127.0.0.1/install/debian12']);
  const agentLog = await machine.readFile('var/log/scree-agent.log');
  const moved = /"path":"\/target\/\.scree".*"event":"store moved"/;
  t.regex(agentLog, moved);
  const left = await readdir(machine.system.root);
  t.true(left.includes('etc') && left.includes('var'), left.join(' '));
  t.false(left.includes('.scree'));
});
