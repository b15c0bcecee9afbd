import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openNodeRecords } from '../../src/frontend/nodes/records.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// One after the other: each starts many programs, and all at once they would only wait for a core.
const scree = resolve('scree');
const mac = '52:54:00:00:00:01';

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  const any = '{ listen: "127.0.0.1:0" }';
  await writeFile(config, `state: state\nhttp: ${any}\ntracker: ${any}\nseed: ${any}\n`);
  const start = (...args: readonly string[]) => spawn(scree, [...args, '-c', config]);
  const node = (...args: readonly string[]) => ended(start('node', ...args));
  const json = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await node(...args, '--json');
    t.is(code, 0, stderr);
    return JSON.parse(stdout);
  };
  return { folder, state: join(folder, 'state'), start, node, json };
}

async function ended(child: ChildProcess) {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes, got none');
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)]);
  return { code: Number(code), stdout: out, stderr: err };
}

async function startFrontend(t: ExecutionContext, child: ChildProcess) {
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  if (child.stdout === null) throw new Error('expected a pipe, got none');
  await Promise.race([once(child.stdout, 'data'), exited]);
  if (child.exitCode !== null) throw new Error('expected the frontend to run, but it ended');
  return async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
}

type Programs = Awaited<ReturnType<typeof setUp>>;

async function liveThrough(t: ExecutionContext, { node, json }: Programs): Promise<void> {
  t.regex((await node('list')).stdout, /^no nodes yet; add one with/);
  const added = await node('add', 'compute-0-1', '--mac', '52-54-00-00-00-01', '--ip', '10.1.1.1');
  t.deepEqual(added, { code: 0, stdout: `added compute-0-1: ${mac}, 10.1.1.1\n`, stderr: '' });
  const cards = ['--mac', '525400000002', '--mac', '5254.0000.0003'];
  t.is((await node('add', 'nas', ...cards, '--role', 'nas', '--rack', '1')).code, 0);
  t.regex(
    (await node('list')).stdout,
    /^NODE +ADDRESS +MAC +ROLE +RACK +RANK +BOOTS +STATE\ncompute-0-1 +10\.1\.1\.1 +52:54:00:00:00:01 +compute +0 +1 +os +os\nnas +– +52:54:00:00:00:02 \+1 +nas +1 +– +os +os\n$/,
  );
  const set = await json('set', 'nas', '--ip', '10.1.1.2', '--unset', 'rack', '--class', 'd-i');
  t.like(set, { address: '10.1.1.2', rack: null, clientClasses: ['d-i'] });
  await setOptions(t, json);
  t.regex(
    (await node('show', 'nas')).stdout,
    /\n {2}address {2}10\.1\.1\.2\n.*\n {2}classes {2}d-i\n {2}options {2}43 = 0x0104\n {11}ntp = 10\.1\.1\.1,10\.1\.1\.3\n$/s,
  );
  t.is((await node('boot', 'nas', 'compute-0-1', 'install')).stdout, '2 nodes boot install next\n');
  t.is((await node('boot', 'role=compute,rack=0', 'os')).stdout, 'compute-0-1 boots os next\n');
  const nodes = await json('list');
  t.deepEqual(
    nodes.map(({ bootState }: { bootState: string }) => bootState),
    ['os', 'install'],
  );
  t.like(await json('remove', 'nas'), { name: 'nas' });
  t.like(await json('boot', 'all', 'install'), [{ name: 'compute-0-1', bootAction: 'install' }]);
}

async function setOptions(t: ExecutionContext, json: Programs['json']): Promise<void> {
  const ntp = 'ntp=10.1.1.1,10.1.1.2';
  const set = await json('set', 'nas', '--option', 'mtu=9000', '--option', ntp);
  t.deepEqual(set.dhcpOptions, { mtu: '9000', ntp: '10.1.1.1,10.1.1.2' });
  t.deepEqual((await json('set', 'nas', '--unset', 'option')).dhcpOptions, {});
  await json('set', 'nas', '--option', 'mtu=9000', '--option', '43=0x0104');
  const other = ['--option', 'ntp=10.1.1.1,10.1.1.3', '--option', 'mtu='];
  t.deepEqual((await json('set', 'nas', ...other)).dhcpOptions, {
    43: '0x0104',
    ntp: '10.1.1.1,10.1.1.3',
  });
}

async function refuse(t: ExecutionContext, { node }: Programs): Promise<void> {
  const failing = [
    [['show', 'none'], /^scree: expected the names of nodes, got 'none'; see 'scree node list'\n$/],
    [['add', 'Big', '--mac', mac], /^scree: expected a name such as compute-0-1: .*\n$/],
    [['add', 'b', '--mac', mac], /^scree: expected a MAC address that no other node has, .*\n$/],
    [['boot', 'compute-0-1', 'instal'], /^scree: expected a boot action .*'install'\?\n$/],
    [
      ['boot', 'role=none', 'os'],
      /^scree: expected a node of 'role=none', found none; see 'scree node list'\n$/,
    ],
    [
      ['set', 'compute-0-1', '--option', 'mtu=big'],
      /^scree: option 'mtu': expected a whole number from 0 to 65535, got "big"\n$/,
    ],
    [['set', 'none', '--rack', '1'], /^scree: expected the names of nodes, got 'none'; .*\n$/],
  ] as const;
  for (const [args, message] of failing) {
    const { code, stdout, stderr } = await node(...args);
    t.is(code, 1, args.join(' '));
    t.is(stdout, '');
    t.regex(stderr, message);
  }
}

test.serial('without a frontend, the database itself is worked on', async (t) => {
  const programs = await setUp(t);
  t.deepEqual(await programs.json('list'), []);
  t.false(existsSync(programs.state), 'to look makes no state folder');
  await liveThrough(t, programs);
  await refuse(t, programs);
  const following = await programs.node('events', 'compute-0-1', '-f');
  t.is(following.code, 1);
  t.regex(following.stderr, /^scree: expected a frontend that runs on '.*', found none; .*\n$/);
});

test.serial('with a frontend, it is asked, and remembers when it was killed', async (t) => {
  const programs = await setUp(t);
  const stop = await startFrontend(t, programs.start('frontend'));
  await liveThrough(t, programs);
  await refuse(t, programs);
  await stop('SIGKILL');
  t.like((await programs.json('list'))[0], { name: 'compute-0-1', bootState: 'install' });
  await startFrontend(t, programs.start('frontend'));
  t.like((await programs.json('list'))[0], { name: 'compute-0-1', bootState: 'install' });
});

test.serial('wrong arguments are refused with 2', async (t) => {
  const { node } = await setUp(t);
  const wrong = [
    [['add', 'a'], /expected --mac <address...>, got none; see 'scree node add --help'/],
    [
      ['add', 'a', '--mac', mac, '--rack', 'x'],
      /--rack: expected a whole number from 0 to 99999, got 'x'/,
    ],
    [['boot', 'install'], /expected which nodes, and then an action, such as: rack=0 install; see/],
    [['events', '-f'], /expected whom to follow; see 'scree node events --help'\n$/],
    [['set', 'a'], /expected what to change, such as --ip ADDRESS; see 'scree node set --help'\n$/],
    [['set', 'a', '--unset', 'name'], /expected one of uuid, ip, rack, rank, class, option, got/],
    [['set', 'a', '--ip', '10.1.1.1', '--unset', 'ip'], /expected to set ip or to unset it/],
    [['set', 'a', '--option', 'mtu'], /--option: expected NAME=VALUE, such as mtu=9000, got 'mtu'/],
    [['set', 'a', '--option', 'mtu=1', '--option', 'mtu=2'], /--option: got 'mtu' twice/],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stderr } = await node(...args);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
  const help = await node('boot', '--help');
  t.is(help.code, 0);
  t.regex(help.stdout, /^Usage: scree node boot \[options\] SELECTION… ACTION\n/);
});

test.serial("a machine's events are shown, and followed until Ctrl-C", async (t) => {
  const { state, start, node, json } = await setUp(t);
  await node('add', 'a', '--mac', mac);
  t.is((await node('events')).stdout, 'no unknown machine was heard of yet\n');
  t.is((await node('events', 'a')).stdout, 'nothing was heard of a yet\n');
  const records = openNodeRecords({ log: silentLog }, { path: join(state, 'scree.db') });
  records.events.record({ machine: mac, event: 'discover', text: 'PXEClient' });
  records.events.record({
    machine: 'a',
    event: 'boot file',
    text: 'sent',
    path: 'lpxelinux.0',
    sizeBytes: 2048,
    elapsedMs: 1500,
  });
  records.events.record({
    machine: 'a',
    event: 'silence',
    text: 'no offer',
    reason: 'class not permitted',
  });
  records.events.record({ machine: '52:54:00:00:00:09', event: 'discover', text: 'd-i' });
  await records.close();
  const shown = (await node('events', 'a')).stdout.replaceAll(/\d{4}-\S+ \S+ UTC/g, 'TIME');
  t.is(
    shown,
    'TIME  discover      PXEClient\n' +
      'TIME  boot file     sent, lpxelinux.0, 2.0 KiB, 1.50 s\n' +
      'TIME  silence       no offer: class not permitted\n',
  );
  t.is((await json('events', mac.toUpperCase())).length, 3);
  const strangers = (await node('events')).stdout.replaceAll(
    /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g,
    'TIME',
  );
  t.regex(
    strangers,
    /^MAC +HEARD OF +EVENTS +THE LAST ONE\n52:54:00:00:00:09 +TIME +1 +discover: d-i\n$/,
  );

  const stop = await startFrontend(t, start('frontend'));
  const child = start('node', 'events', 'a', '--follow', '--json');
  const result = ended(child);
  let seen = '';
  child.stdout?.on('data', (chunk) => {
    seen += chunk;
  });
  while (seen.split('\n').length < 4) await delay(20);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await result;
  t.is(stderr, '');
  t.is(code, 0);
  t.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event),
    ['discover', 'boot file', 'silence'],
  );
  const other = start('node', 'events', 'a', '-f');
  const cut = ended(other);
  await once(other.stdout, 'data');
  await stop('SIGKILL');
  const { code: cutCode, stderr: cutText } = await cut;
  t.is(cutCode, 1);
  t.regex(cutText, /^scree: expected an answer of the frontend that runs, got: .*; see its log\n$/);
});

test.serial('commands at the same moment on a new state folder all succeed', async (t) => {
  const { node, json } = await setUp(t);
  const numbers = [1, 2, 3, 4, 5];
  const runs = await Promise.all(
    numbers.map((at) => node('add', `n-${at}`, '--mac', `52:54:00:00:00:0${at}`)),
  );
  t.deepEqual(
    runs.map(({ code, stderr }) => [code, stderr]),
    numbers.map(() => [0, '']),
  );
  t.is((await json('list')).length, 5);
});
