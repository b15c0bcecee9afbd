import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../../src/frontend/config.ts';
import { openControlSocket } from '../../../src/frontend/control-socket.ts';
import { dhcpDefaults } from '../../../src/frontend/dhcp/defaults.ts';
import { lookAtBootFiles } from '../../../src/frontend/doctor/boot-files.ts';
import { lookAtClock } from '../../../src/frontend/doctor/clock.ts';
import { lookAtDhcp } from '../../../src/frontend/doctor/dhcp.ts';
import { lookAtLimits } from '../../../src/frontend/doctor/limits.ts';
import { examine } from '../../../src/frontend/doctor/main.ts';
import { lookAtPort, portsOf } from '../../../src/frontend/doctor/ports.ts';
import { lookForFrontend } from '../../../src/frontend/doctor/running.ts';
import { lookAtState } from '../../../src/frontend/doctor/state.ts';
import { lookAtTrees } from '../../../src/frontend/doctor/trees.ts';
import { createNodes } from '../../../src/frontend/nodes/main.ts';
import { databasePath } from '../../../src/frontend/nodes/records.ts';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { makeTree } from '../trees/fixture.ts';

async function writeConfig(t: ExecutionContext, text: string) {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'scree.yaml');
  await writeFile(path, `state: state\n${text}`);
  return { path, state: join(folder, 'state') };
}

const listens = (ports: readonly number[]) =>
  ['http', 'tracker', 'seed']
    .map((name, at) => `${name}: { listen: "127.0.0.1:${ports[at]}" }\n`)
    .join('');

async function listenTcp(t: ExecutionContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a configuration that cannot be read is the only finding, with each of its lines', async (t) => {
  const { path } = await writeConfig(t, 'nonsense: 1\nhttp: { lisen: 5 }\n');
  const findings = await examine({ configPath: path });
  t.deepEqual(
    findings.map(({ check, level }) => `${level} ${check}`),
    ['problem configuration', 'problem configuration'],
  );
  t.regex(findings[1]?.text ?? '', /scree\.yaml:3:9: unknown key 'lisen'/);
});

test('a new frontend has no trees yet, and is otherwise ready', async (t) => {
  const { path, state } = await writeConfig(
    t,
    listens([await freePort(), await freePort(), await freePort()]),
  );
  const findings = await examine({ configPath: path });
  const ofMachine = ['open files', 'disk'];
  const bad = findings.filter(({ level, check }) => level !== 'ok' && !ofMachine.includes(check));
  t.deepEqual(
    bad.map(({ check, level }) => `${level} ${check}`),
    ['warning trees'],
  );
  t.true(findings.some(({ text }) => text.includes(state)));
});

test('a port that somebody has is taken, with who it is; others are free', async (t) => {
  const port = await listenTcp(t);
  const wanted = { key: 'http.listen', protocol: 'tcp', host: '127.0.0.1' } as const;
  const taken = await lookAtPort({ ...wanted, port });
  t.is(taken.state.kind, 'taken');
  t.true(taken.owners.some(({ pid }) => pid === process.pid));
  t.is((await lookAtPort({ ...wanted, port: await freePort() })).state.kind, 'free');
  const elsewhere = await lookAtPort({ ...wanted, host: '192.0.2.1', port });
  t.is(elsewhere.state.kind, 'no-such-address');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('the same goes for UDP, and looking leaves nothing behind', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const wanted = { key: 'tftp.listen', protocol: 'udp', host: '127.0.0.1', port } as const;
  const taken = await lookAtPort(wanted);
  t.is(taken.state.kind, 'taken');
  t.true(taken.owners.some(({ pid }) => pid === process.pid));
  socket.close();
  await once(socket, 'close');
  for (let turn = 0; turn < 3; turn += 1) t.is((await lookAtPort(wanted)).state.kind, 'free');
});

test('every port of the configuration is looked at', async (t) => {
  const rest = 'tftp: { listen: "127.0.0.1:69" }\ndhcp: { mode: proxy, interface: eth1 }\n';
  const { path } = await writeConfig(t, `${listens([81, 82, 83])}${rest}`);
  const ports = portsOf(await loadConfig(path));
  t.deepEqual(
    ports.map(({ key, protocol, port }) => `${key} ${protocol} ${port}`),
    [
      ...['http.listen tcp 81', 'tracker.listen tcp 82', 'tracker.listen udp 82'],
      ...['seed.listen tcp 83', 'tftp.listen udp 69', 'dhcp udp 67', 'dhcp udp 4011'],
    ],
  );
});

test('a port that may be any is not looked at', async (t) => {
  const { path } = await writeConfig(t, 'http: { listen: ":0" }\n');
  const keys = portsOf(await loadConfig(path)).map(({ key }) => key);
  t.false(keys.includes('http.listen'));
});

test('a frontend is known by its socket, and by its process', async (t) => {
  const state = await temporaryFolder(t);
  t.deepEqual(await lookForFrontend(state), { kind: 'none' });
  const handle = () => Promise.resolve();
  const control = await openControlSocket({ log: silentLog, handle }, state);
  t.deepEqual(await lookForFrontend(state), { kind: 'running', pid: process.pid });
  await control.close();
  t.deepEqual(await lookForFrontend(state), { kind: 'none' });
});

test('a state folder is looked at where it is, or is to be', async (t) => {
  const folder = await temporaryFolder(t);
  const state = join(folder, 'a', 'state');
  const before = await lookAtState(state);
  t.like(before, { folder: 'missing', isWritable: true, keyMode: undefined });
  t.true((before.freeBytes ?? 0) > 0);
  await mkdir(join(state, 'keys'), { recursive: true });
  await writeFile(join(state, 'keys', 'manifest.key'), '');
  await chmod(join(state, 'keys', 'manifest.key'), 0o644);
  const after = await lookAtState(state);
  t.like(after, { folder: 'there', isWritable: true, keyMode: 0o644, ownerId: process.getuid?.() });
  const file = join(folder, 'file');
  await writeFile(file, '');
  t.deepEqual((await lookAtState(file)).folder, { unusable: 'no folder' });
});

test('an interface that is not there has its reason', async (t) => {
  const { path } = await writeConfig(t, 'dhcp: { mode: server, interface: nothing7 }\n');
  const facts = lookAtDhcp(await loadConfig(path));
  t.like(facts, { kind: 'unusable' });
  t.regex(JSON.stringify(facts), /nothing7.*no such interface/);
});

test('loaders, companions and the kernels of actions are looked for where machines look', async (t) => {
  const actions = 'boot: { actions: { memtest: { kernel: mt/mt.bin, initrds: [], args: "" } } }\n';
  const { path, state } = await writeConfig(t, actions);
  const root = join(state, 'tftpboot');
  await mkdir(join(root, 'debian'), { recursive: true });
  await writeFile(join(root, 'pxelinux.0'), '');
  await writeFile(join(root, 'debian', 'linux'), '');
  const nodes = createNodes({ state });
  await nodes.add({ name: 'compute-0-0', macs: ['52:54:00:00:00:01'] });
  await nodes.boot(['compute-0-0'], 'install');
  const facts = await lookAtBootFiles(await loadConfig(path), dhcpDefaults.bootFiles);
  t.true(facts.loaders.get('pxelinux.0'));
  t.false(facts.loaders.get('shimx64.efi'));
  t.false(facts.loaders.has('boot.ipxe'), 'it is made when it is asked for');
  t.false([...facts.loaders.keys()].some((name) => name.includes('kickstart')));
  t.deepEqual([...facts.lacking], [['pxelinux.0', ['ldlinux.c32']]]);
  const install = facts.actions.find(({ name }) => name === 'install');
  t.deepEqual(
    [...(install?.files ?? [])],
    [
      ['debian/linux', true],
      ['debian/initrd', false],
      ['scree/agent.img', false],
    ],
  );
  t.is(install?.nodeCount, 1);
  const memtest = facts.actions.find(({ name }) => name === 'memtest');
  t.deepEqual([...(memtest?.files ?? [])], [['mt/mt.bin', false]]);
  t.is(facts.nodesTrouble, undefined);
});

test('a database from before is looked at, and left as it is', async (t) => {
  const { path, state } = await writeConfig(t, '');
  await mkdir(state);
  const database = databasePath(state);
  const old = openDatabase({
    ...{ path: database, migrations: migrations.slice(0, 1), isDurable: false, waitMs: 100 },
  });
  old.run(`INSERT INTO nodes (name, role, boot_action, boot_state)
    VALUES ('a', 'compute', 'install', 'install'), ('b', 'compute', 'os', 'os')`);
  old.close();
  const before = await readFile(database, 'hex');
  const facts = await lookAtBootFiles(await loadConfig(path), dhcpDefaults.bootFiles);
  t.is(facts.nodesTrouble, undefined);
  t.is(facts.actions.find(({ name }) => name === 'install')?.nodeCount, 1);
  t.is(await readFile(database, 'hex'), before);
  t.deepEqual(await readdir(state), ['scree.db']);
  await writeFile(database, 'this is no database');
  const broken = await lookAtBootFiles(await loadConfig(path), dhcpDefaults.bootFiles);
  t.regex(broken.nodesTrouble ?? '', /expected to use the database/);
});

test('a tree is looked at without reading it: what is gone, or of another size', async (t) => {
  const tree = await makeTree(t, { a: 'one', b: 'two', c: 'three' });
  await tree.add({ keep: 'none' });
  const changed = async () => {
    const facts = await lookAtTrees(tree.state);
    return facts.kind === 'looked' ? facts.generations.map((each) => each.changed) : facts.reason;
  };
  t.deepEqual(await changed(), [[]]);
  await rm(join(tree.source, 'a'));
  await writeFile(join(tree.source, 'c'), 'longer than it was');
  t.deepEqual(await changed(), [['a', 'c']]);
});

test('a generation that does not fit together is broken', async (t) => {
  const tree = await makeTree(t, { a: 'one' });
  const { tree: name, generation } = await tree.add();
  const folder = join(tree.state, 'trees', name, String(generation));
  await writeFile(join(folder, 'manifest.json'), '{}');
  const facts = await lookAtTrees(tree.state);
  const broken = facts.kind === 'looked' ? facts.generations[0]?.broken : undefined;
  t.regex(broken ?? '', /expected a whole generation/);
});

test('the latest that the frontend wrote is found', async (t) => {
  const state = await temporaryFolder(t);
  t.is((await lookAtClock(state)).newest, undefined);
  const leases = join(state, 'leases');
  await writeFile(leases, '');
  await utimes(leases, 4e9, 4e9);
  await writeFile(join(state, 'scree.db'), '');
  t.deepEqual((await lookAtClock(state)).newest, { path: leases, mtimeMs: 4e12 });
});

test('the limit of open files is this process’s, or the frontend’s', async (t) => {
  const own = await lookAtLimits({ kind: 'none' });
  t.true((own.openFilesLimit ?? 0) > 0);
  t.false(own.isOfFrontend);
  t.true((await lookAtLimits({ kind: 'running', pid: process.pid })).isOfFrontend);
});
