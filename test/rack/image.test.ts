import { createHash } from 'node:crypto';
import { appendFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ImageMachine, makeImageMachine } from '../support/image-machine.ts';
import { createRack, type RackHost } from '../support/rack.ts';
import { addTree, startFrontend, writeConfig } from '../support/scree-processes.ts';
import { shareImage } from '../support/shared-image.ts';
import { bytesOf } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');
const limitMs = 30_000;
const kernelArguments = 'quiet scree.frontend=http://10.77.0.1';
const content = bytesOf('image', 3 * 2 ** 20);
const sum = createHash('sha256').update(content).digest('hex');

const shared = shareImage(test);

type Lab = { readonly node: RackHost; readonly folder: string; readonly config: string };

/** A frontend with the tree `base`, which holds one file, and a host without an agent. */
async function openImageLab(t: ExecutionContext): Promise<Lab> {
  const rack = await createRack({
    hosts: [
      { name: 'frontend', ip: '10.77.0.1' },
      { name: 'node', ip: '10.77.0.2' },
    ],
  });
  t.teardown(rack.remove);
  const frontend = rack.host('frontend');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await shared.shareKeys(config);
  await mkdir(join(folder, 'base'));
  await writeFile(join(folder, 'base/file'), content);
  await addTree(frontend, config, { name: 'base', folder: join(folder, 'base') });
  await startFrontend(frontend, config);
  return { node: rack.host('node'), folder, config };
}

const isReady = 'grep "^ready " /var/log/scree-agent.log';
const fetchFile = 'wget -q -O - http://127.0.0.1/install/base/file | sha256sum';

/** A machine that ran with its installer until its agent refused. */
async function untilRefused(machine: ImageMachine, argument = kernelArguments): Promise<string> {
  await machine.powerOn(argument);
  await machine.run('main-menu >/dev/null 2>&1 &');
  const reason = await machine.until('cat /run/scree/refused', limitMs);
  await machine.until('[ "$(cut -d " " -f 3 /proc/$(pidof main-menu)/stat)" = T ]', limitMs);
  return reason;
}

async function isClosed(machine: ImageMachine): Promise<boolean> {
  return machine.run(fetchFile).then(
    (said) => !said.startsWith(sum),
    () => true,
  );
}

test('in a ramdisk without Node the agent serves within 3 s, and is told how the install goes', async (t) => {
  const lab = await openImageLab(t);
  const machine = await makeImageMachine(t, lab.node, shared.path());
  await machine.powerOn(kernelArguments);
  const startedAtMs = performance.now();
  t.regex(
    await machine.until(isReady, limitMs),
    /ready http:\/\/127\.0\.0\.1:80 for http:\/\/10\.77\.0\.1/,
  );
  const elapsedMs = performance.now() - startedAtMs;
  t.log(`ready after ${Math.round(elapsedMs)} ms`);
  t.true(elapsedMs < 3_000, `${elapsedMs} ms`);
  t.is(
    await machine.run('find / -xdev -name "libstdc++*" | grep -v ^/opt/scree || echo none'),
    'none',
  );
  t.is(
    await machine.run('cd /opt/scree && sha256sum -c SHA256SUMS >/dev/null && echo whole'),
    'whole',
  );
  t.true((await machine.run(fetchFile)).startsWith(sum));
  const { trees, version } = JSON.parse(await machine.run('/run/scree/say status'));
  t.like(trees[0], { name: 'base', state: 'ready', inSwarm: true });
  t.not(version, 'unknown');

  await machine.run(`/opt/scree/say phase packages 'half "done" & 100 %, naïve'`);
  await machine.run('/opt/scree/say packages 3 7');
  await t.throwsAsync(machine.run('/opt/scree/say phase lunch'));
  await t.throwsAsync(machine.run('/opt/scree/say'), { message: /say end success|failure/ });
  await machine.run(
    'mkdir /target && mount -t tmpfs disk /target && /opt/scree/say store /target/.scree 64M',
  );
  await machine.run('[ -n "$(ls /target/.scree)" ]');
  t.true((await machine.run(fetchFile)).startsWith(sum));

  // The last of Debian's hooks: the end is told, nothing stays, the disk can be unmounted.
  await machine.run(
    'mkdir -p /var/log && touch /var/log/syslog; sh /usr/lib/finish-install.d/94scree; umount /target',
  );
  await t.throwsAsync(machine.run('pidof run'));
  t.is(await machine.console(), '');
});

test('an agent that was killed is there again, with its store and where that had moved', async (t) => {
  const lab = await openImageLab(t);
  const machine = await makeImageMachine(t, lab.node, shared.path());
  const garbage =
    'scree.store=-%$ scree.store-size=9Q scree.role=a/b scree.linger=ever scree.token=x "open';
  await machine.powerOn(`${kernelArguments} scree.swarm-port=77777 ${garbage}`);
  await machine.until(isReady, limitMs);
  t.is(
    (await machine.run('grep -c "kernel argument left out" /var/log/scree-agent.log')).trim(),
    '6',
  );
  t.true((await machine.run(fetchFile)).startsWith(sum));
  await machine.run(
    'mkdir /target && mount -t tmpfs disk /target && /opt/scree/say store /target/.scree 64M',
  );
  const storeOf = async () => {
    const { store } = JSON.parse(await machine.run('/run/scree/say status'));
    return { ...store, usedBytes: undefined };
  };
  const store = await storeOf();
  const before = await machine.run('cat /run/scree/agent.pid');
  await machine.run('kill -9 $(cat /run/scree/agent.pid)');
  // Nothing listens now; it is told all the same.
  await machine.run('/run/scree/say store /target/.scree 64M');
  await t.throwsAsync(machine.run('/run/scree/say store /proc/no'));
  await machine.until(`[ $(cat /run/scree/agent.pid) != ${before.trim()} ] && ${isReady}`, limitMs);
  t.regex(await machine.console(), /scree: the agent ended with 137 and is started again in 1 s/);
  const opened = await machine.run('grep "store opened" /var/log/scree-agent.log');
  t.like(JSON.parse(opened), { path: '/target/.scree' });
  t.true(JSON.parse(opened).pieces > 0, opened);
  t.deepEqual(await storeOf(), store);
  t.true((await machine.run(fetchFile)).startsWith(sum));

  // Not by its runner: it is to go on.
  await machine.run('kill $(cat /run/scree/agent.pid)');
  await machine.until('grep "ended with 0 and is started again" /dev/console', limitMs);
  t.regex(await machine.run("/run/scree/say end failure 'no disk'"), /isTold/);
});

test('an agent that cannot begin says why on the console, later and later, and then serves', async (t) => {
  const lab = await openImageLab(t);
  const machine = await makeImageMachine(t, lab.node, shared.path());
  const take = `require('node:net').createServer().listen(80, '127.0.0.1', () => console.log('taken'))`;
  const other = lab.node.start([process.execPath, '-e', take]);
  await other.waitForLine(/^taken$/, limitMs);
  await machine.powerOn(kernelArguments);
  await machine.until('grep "started again in 2 s" /dev/console', limitMs);
  const said =
    /ended with 1 and is started again in 1 s \(expected to listen on .*EADDRINUSE.*\); see/;
  t.regex(await machine.console(), said);
  t.regex(await machine.run('cat /var/log/scree-agent.log*'), said);
  await other.stop();
  await machine.until(isReady, limitMs);
});

test('the frontend of somebody else is refused: said on the console, and the installer stopped', async (t) => {
  const lab = await openImageLab(t);
  const other = await writeConfig(lab.node, join(lab.folder, 'other'));
  const build = [scree, 'image', 'build', '--compression', 'zstd-quick', '--json', '-c', other];
  const image = String(JSON.parse((await lab.node.run(build)).stdout).path);
  const machine = await makeImageMachine(t, lab.node, image);
  const reason = await untilRefused(machine);
  t.regex(reason, /key/);
  t.regex(await machine.console(), /scree: REFUSED: .*key[\s\S]*the installer is stopped/);
  t.regex(await machine.run('cat /var/log/scree-agent.log'), /scree: REFUSED: /);
  t.true(await isClosed(machine));
});

test('an image that was cut short or spoilt is refused before anything is installed', async (t) => {
  const lab = await openImageLab(t);
  const image = shared.path();
  const short = await makeImageMachine(t, lab.node, image);
  await truncate(join(short.root, 'opt/scree/bin/node'), 60_000_000);
  await rm(join(short.root, 'opt/scree/lib'), { recursive: true });
  t.regex(await untilRefused(short), /its image is damaged/);
  t.true(await isClosed(short));

  const spoilt = await makeImageMachine(t, lab.node, image);
  await appendFile(join(spoilt.root, 'opt/scree/lib/libdl.so.2'), 'x');
  t.regex(await untilRefused(spoilt), /its image is damaged/);
  t.true(await isClosed(spoilt));

  const hookOnly = await makeImageMachine(t, lab.node, image);
  await rm(join(hookOnly.root, 'opt/scree/say'));
  await mkdir(join(hookOnly.root, 'lib/debian-installer-startup.d'), { recursive: true });
  await rm(join(hookOnly.root, 'opt/scree/run'));
  await hookOnly.powerOn(kernelArguments);
  await hookOnly.run('sh /lib/debian-installer-startup.d/S31scree');
  t.regex(await hookOnly.until('cat /run/scree/refused', limitMs), /cut short/);
});

test('an agent that is told of no frontend stops the installer, too', async (t) => {
  const lab = await openImageLab(t);
  const machine = await makeImageMachine(t, lab.node, shared.path());
  await rm(join(machine.root, 'opt/scree/frontend'));
  t.regex(await untilRefused(machine, 'quiet'), /expected --frontend URL or the kernel argument/);

  const wrong = await makeImageMachine(t, lab.node, shared.path());
  t.regex(await untilRefused(wrong, 'scree.frontend=ftp://x'), /scree\.frontend: expected a URL/);
});
