import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { messageOf } from '../../src/runtime/errors.ts';
import { findDifferences, installByDnf, listFileDigests, verifyRpms } from '../support/dnf.ts';
import { type Lab, type LabMachine, openLab } from '../support/install-lab.ts';
import { readAgentStatus } from '../support/lab-figures.ts';
import { makeRpmRepository } from '../support/rpm-repository.ts';
import { topPackage } from '../support/rpm-spec.ts';
import { startAgent } from '../support/scree-processes.ts';

const repository = await makeRpmRepository();
const digests = await listFileDigests(repository.rpms);
const repositoryUrl = 'http://127.0.0.1/install/packages/';
/** No installer waits longer than this for a byte. */
const stallMs = 60_000;

test('an agent killed in the middle fails its own installer, and no other', async (t) => {
  t.timeout(400_000);
  const lab = await openInstallLab(t, { nodeCount: 3, rateBitsPerSecond: 100e6 });
  const [victim, ...others] = lab.nodes;
  if (victim === undefined) return t.fail();
  const own = install(lab, victim);
  const installs = others.map((node) => install(lab, node));
  await waitUntilServing(victim);
  victim.program.kill();
  const killedAt = Date.now();
  t.regex(await own, /Cannot download/);
  t.true(Date.now() - killedAt < stallMs, 'its installer was told soon');
  for (const [index, node] of others.entries()) {
    t.is(await installs[index], 'installed');
    await assertWhole(t, lab, node);
  }
});

test('a frontend killed and started again in the middle goes unnoticed', async (t) => {
  t.timeout(400_000);
  const lab = await openInstallLab(t, { nodeCount: 2, rateBitsPerSecond: 100e6 });
  const installs = Promise.all(lab.nodes.map((node) => install(lab, node)));
  await waitUntilServing(lab.nodes[0]);
  lab.frontend.program.kill();
  await delay(1_000);
  await lab.frontend.startAgain();
  t.deepEqual(await installs, ['installed', 'installed']);
  for (const node of lab.nodes) await assertWhole(t, lab, node);
});

test('a stopped frontend is not missed by who can get every piece from its peers', async (t) => {
  t.timeout(400_000);
  const lab = await openInstallLab(t, { nodeCount: 3, rateBitsPerSecond: 200e6 });
  const [late, ...early] = lab.nodes;
  if (late === undefined) return t.fail();
  const outcomes = await Promise.all(early.map((node) => install(lab, node)));
  t.deepEqual(outcomes, ['installed', 'installed']);
  await lab.frontend.program.stop();
  t.is(await install(lab, late), 'installed');
  await assertWhole(t, lab, late);
});

test('a full disk under the store costs no byte', async (t) => {
  t.timeout(400_000);
  const lab = await openInstallLab(t, { nodeCount: 2, rateBitsPerSecond: 200e6 });
  const [small] = lab.nodes;
  if (small === undefined) return t.fail();
  await small.program.stop();
  const store = join(lab.folder, 'small');
  const script = 'mount -t tmpfs -o size=24m tmpfs "$1" && shift && exec "$@"';
  small.program = await startAgent(small.host, {
    frontend: lab.frontend.host,
    store,
    wrapper: ['unshare', '--mount', 'sh', '-ec', script, 'sh', store],
  });
  const outcomes = await Promise.all(lab.nodes.map((node) => install(lab, node)));
  t.deepEqual(outcomes, ['installed', 'installed']);
  for (const node of lab.nodes) await assertWhole(t, lab, node);
  const disk = await statfs(`/proc/${small.program.pid}/root${store}`);
  t.true(disk.bavail * disk.bsize < 4e6, 'the disk was full');
});

test('an agent serves its own machine only, whatever it listens on', async (t) => {
  t.timeout(120_000);
  const lab = await openInstallLab(t, { nodeCount: 2, rateBitsPerSecond: 200e6 });
  const [open, other] = lab.nodes;
  if (open === undefined || other === undefined) return t.fail();
  const path = '/install/packages/repodata/repomd.xml';
  const ask = async (from: LabMachine, url: string, ...options: string[]) => {
    const curl = ['curl', '--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
    const limits = ['--max-time', '20', ...options];
    return from.host.run([...curl, ...limits, url]).then(
      ({ stdout }) => stdout,
      () => 'no connection',
    );
  };
  t.is(await ask(open, `http://127.0.0.1${path}`), '200');
  t.is(await ask(other, `http://${open.host.ip}${path}`), 'no connection');

  await open.program.stop();
  const store = join(lab.folder, 'open');
  const flags = ['--listen', '0.0.0.0:80'];
  open.program = await startAgent(open.host, { frontend: lab.frontend.host, store, flags });
  t.is(await ask(open, `http://127.0.0.1${path}`), '200');
  t.is(await ask(other, `http://${open.host.ip}${path}`), '403');
  const pretence = ['--header', 'Host: 127.0.0.1', '--header', 'X-Forwarded-For: 127.0.0.1'];
  t.is(await ask(other, `http://${open.host.ip}${path}`, ...pretence), '403');
});

function openInstallLab(
  t: ExecutionContext,
  plan: { readonly nodeCount: number; readonly rateBitsPerSecond: number },
): Promise<Lab> {
  return openLab(t, { tree: { name: 'packages', folder: repository.folder }, ...plan });
}

/** Resolves with `installed`, or with dnf's last words. */
async function install(lab: Lab, { host }: LabMachine): Promise<string> {
  const root = rootOf(lab, host.name);
  const packages = [topPackage];
  return installByDnf(host, { root, repositoryUrl, packages, timeoutMs: 240_000 }).then(
    () => 'installed',
    messageOf,
  );
}

async function assertWhole(t: ExecutionContext, lab: Lab, { host }: LabMachine): Promise<void> {
  const root = rootOf(lab, host.name);
  t.is(await verifyRpms(root), '', host.name);
  t.deepEqual(await findDifferences(root, digests), [], host.name);
}

function rootOf(lab: Lab, name: string): string {
  return join(lab.folder, name, 'root');
}

/** Until an agent has sent a good part of the tree to its peers. */
async function waitUntilServing(node: LabMachine | undefined): Promise<void> {
  if (node === undefined) return;
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { trees } = await readAgentStatus(node);
    if (trees.some((tree) => (tree.counters?.sentBytes ?? 0) > 8e6)) return;
    await delay(100);
  }
  throw new Error(`expected ${node.host.name} to have served 8 MB within a minute, it has not`);
}
