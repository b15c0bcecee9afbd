import { join } from 'node:path';
import test from 'ava';
import { findDifferences, installByDnf, listFileDigests, verifyRpms } from '../support/dnf.ts';
import { openLab } from '../support/install-lab.ts';
import { sumReceived, waitForTrackerFigures } from '../support/lab-figures.ts';
import { makeRpmRepository } from '../support/rpm-repository.ts';
import { topPackage } from '../support/rpm-spec.ts';

test('four nodes at once install every package by dnf, most of it from each other', async (t) => {
  t.timeout(400_000);
  const repository = await makeRpmRepository();
  const lab = await openLab(t, {
    tree: { name: 'packages', folder: repository.folder },
    nodeCount: 4,
    rateBitsPerSecond: 200e6,
  });
  const systems = lab.nodes.map(({ host }) => ({
    host,
    root: join(lab.folder, host.name, 'root'),
  }));
  const startedAt = Date.now();
  await Promise.all(
    systems.map(({ host, root }) =>
      installByDnf(host, {
        root,
        repositoryUrl: 'http://127.0.0.1/install/packages/',
        packages: [topPackage],
        timeoutMs: 240_000,
      }),
    ),
  );
  t.log(`installed in ${Date.now() - startedAt} ms`);

  const received = await sumReceived(lab.nodes);
  t.log('agents received', received);
  t.true(received.fromPeers > received.fromFrontend);
  const told = await waitForTrackerFigures(lab, received);
  t.true(told.fromPeers > told.fromFrontend, JSON.stringify(told));

  const digests = await listFileDigests(repository.rpms);
  t.true(digests.size > 100);
  for (const { host, root } of systems) {
    t.is(await verifyRpms(root), '', host.name);
    t.deepEqual(await findDifferences(root, digests), [], host.name);
    const { stdout } = await host.run(['chroot', root, '/bin/sh', '-c', 'echo $((6 * 7))']);
    t.is(stdout, '42');
  }
});
