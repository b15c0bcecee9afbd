import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { furtherPackages, makeDebianMirror } from '../support/debian-mirror.ts';
import {
  debootstrap,
  hashFetchedPackages,
  hashMirroredPackages,
  runInside,
} from '../support/debian-system.ts';
import { openLab } from '../support/install-lab.ts';
import { sumReceived, waitForTrackerFigures } from '../support/lab-figures.ts';

const url = 'http://127.0.0.1/install/debian';

test('four nodes at once get a Debian by debootstrap and apt, most of it from each other', async (t) => {
  t.timeout(900_000);
  const mirror = await makeDebianMirror();
  const lab = await openLab(t, {
    tree: { name: 'debian', folder: mirror.folder },
    nodeCount: 4,
    rateBitsPerSecond: 200e6,
  });
  const systems = lab.nodes.map(({ host }) => ({
    host,
    root: join(lab.folder, host.name, 'root'),
  }));
  const startedAt = Date.now();
  await Promise.all(
    systems.map((system) => debootstrap(system, { mirror, url, timeoutMs: 400_000 })),
  );
  t.log(`debootstrap: ${Date.now() - startedAt} ms`);

  const install = [
    'apt-get -q update',
    `apt-get -q -y --no-install-recommends install ${furtherPackages.join(' ')} </dev/null`,
  ].join('\n');
  await Promise.all(systems.map((system) => runInside(system, install, 240_000)));
  t.log(`with apt-get: ${Date.now() - startedAt} ms`);

  const received = await sumReceived(lab.nodes);
  t.log('agents received', received);
  t.true(received.fromPeers > received.fromFrontend, JSON.stringify(received));
  const told = await waitForTrackerFigures(lab, received);
  t.true(told.fromPeers > told.fromFrontend, JSON.stringify(told));

  const mirrored = await hashMirroredPackages(mirror);
  for (const system of systems) {
    // Both are silent about a system in which every package is whole.
    t.is(await runInside(system, 'dpkg --audit; dpkg --verify', 60_000), '', system.host.name);
    const answer = await runInside(system, 'python3 -c "print(6 * 7)"', 60_000);
    t.is(answer, '42', system.host.name);
    t.deepEqual(await hashFetchedPackages(system), mirrored, system.host.name);
  }
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  t.false(mounts.includes(lab.folder), 'nothing stays mounted');
});
