import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { createRack } from '../support/rack.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1', rateBitsPerSecond: 16e6 },
  { name: 'node', ip: '10.88.0.2', rateBitsPerSecond: 16e6 },
];

test('hosts reach each other, at their rate, and nothing else', async (t) => {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const server = rack.host('frontend').start([process.execPath, '-e', serve(1_000_000)]);

  await server.waitForLine(/^ready$/, 20_000);
  const { stdout } = await rack
    .host('node')
    .run([process.execPath, '-e', fetchAll('http://10.88.0.1:8080')]);
  const { bytes, seconds } = JSON.parse(stdout);
  t.is(bytes, 1_000_000);
  t.true(seconds > 0.4, `a megabyte came in ${seconds} s through 16 Mbit/s`);
  const sent = await rack.host('frontend').sentBytes();
  t.true(sent > 1_040_000 && sent < 1_100_000, `${sent} bytes left the port`);
  t.true(server.usage().cpuSeconds > 0);
  t.true(server.usage().peakMemoryBytes > 20e6);
  await t.throwsAsync(
    rack.host('node').run([process.execPath, '-e', fetchAll('http://192.0.2.1')]),
  );
});

test('what is behind an uplink is reached at its rate, and what goes there is counted', async (t) => {
  const uplinks = [
    { name: 'a', rateBitsPerSecond: 8e6 },
    { name: 'b', rateBitsPerSecond: 8e6 },
  ];
  const [frontend, node] = hosts.map((host) => ({ ...host, rateBitsPerSecond: 64e6 }));
  if (frontend === undefined || node === undefined) return t.fail();
  const mate = { ...node, name: 'mate', ip: '10.88.0.3', uplink: 'b' };
  const rack = await createRack({ hosts: [frontend, { ...node, uplink: 'b' }, mate], uplinks });
  t.teardown(rack.remove);
  const fetchFrom = async (ip: string) => {
    const { stdout } = await rack
      .host('mate')
      .run([process.execPath, '-e', fetchAll(`http://${ip}:8080`)]);
    return JSON.parse(stdout).seconds;
  };
  for (const name of ['frontend', 'node']) {
    const server = rack.host(name).start([process.execPath, '-e', serve(1_000_000)]);
    await server.waitForLine(/^ready$/, 20_000);
  }
  const inward = () => Promise.all(rack.uplinks.map((uplink) => uplink.inwardBytes()));
  await fetchFrom('10.88.0.2');
  const [, before = 0] = await inward();
  t.true(before < 20_000, `${before} bytes came in while a mate was asked`);
  const seconds = await fetchFrom('10.88.0.1');
  t.true(seconds > 0.8, `a megabyte came in ${seconds} s through 8 Mbit/s`);
  const [elsewhere = 0, after = 0] = await inward();
  t.true(after - before > 1_040_000 && after - before < 1_100_000, `${after - before} bytes`);
  t.true(elsewhere < 20_000);
});

test('a removed rack leaves no namespace and no process', async (t) => {
  const rack = await createRack({ hosts });
  const paths = rack.hosts.map((host) => `/run/netns/${host.namespace}`);
  const program = rack.host('node').start(['sh', '-c', 'sleep 60 & echo $!; wait']);
  const childPid = await program.waitForLine(/^\d+$/, 10_000);
  t.deepEqual(paths.map(existsSync), [true, true]);
  await rack.remove();
  t.deepEqual(paths.map(existsSync), [false, false]);
  t.false(existsSync(`/proc/${program.pid}`));
  t.false(isRunning(childPid));
});

test('a held program starts when it is released, under the same pid', async (t) => {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const program = rack.host('node').start(['sh', '-c', 'echo $$'], { held: 'by-shell' });
  t.deepEqual(program.stdout.lines(), []);
  program.release();
  t.is(await program.waitForLine(/./, 10_000), String(program.pid));
  t.deepEqual(await program.ended, { code: 0, signal: null });
});

test('a program has ended although a daemon that it left keeps its output open', async (t) => {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const { stdout } = await rack.host('node').run(['sh', '-c', 'setsid sleep 60 & cat; echo done']);
  t.is(stdout, 'done', 'and stdin was empty');
});

test('what a program used is known after its end, and a late one is ended', async (t) => {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const program = rack.host('node').start(['sh', '-c', 'while :; do :; done']);
  await t.throwsAsync(program.waitForLine(/never/, 1_000), { code: 'timed-out' });
  t.is((await program.stop()).signal, 'SIGTERM');
  t.true(program.usage().cpuSeconds > 0);
  const late = rack.host('node').run(['sleep', '60'], { timeoutMs: 200 });
  await t.throwsAsync(late, { code: 'command-failed', message: /took more than 200 ms/ });
});

/** A killed orphan may be there as a zombie until it is reaped. */
function isRunning(pid: string): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

function serve(sizeBytes: number): string {
  return `require('node:http').createServer((_, response) => response.end(Buffer.alloc(${sizeBytes})))
    .listen(8080, () => console.log('ready'))`;
}

function fetchAll(url: string): string {
  return `const start = performance.now();
    fetch('${url}').then((response) => response.arrayBuffer()).then((body) => console.log(
      JSON.stringify({ bytes: body.byteLength, seconds: (performance.now() - start) / 1000 })))`;
}
