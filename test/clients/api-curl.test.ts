import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { EventStreamParser } from '../support/event-source.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const scree = resolve('scree');
const node = { name: 'compute-0-1', macs: ['52:54:00:00:00:01'] };

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  const any = '{ listen: "127.0.0.1:0" }';
  await writeFile(config, `state: state\nhttp: ${any}\ntracker: ${any}\nseed: ${any}\n`);
  const command = async (...args: readonly string[]) =>
    (await run(scree, [...args, '-c', config])).stdout;
  return { config, state: join(folder, 'state'), command };
}

async function startFrontend(t: ExecutionContext, config: string) {
  const child = spawn(scree, ['frontend', '-c', config], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [line]: string[] = await once(createInterface({ input: child.stdout }), 'line');
  const url = /http:\/\/\S+/.exec(line ?? '')?.[0] ?? '';
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { url: `${url}/api/v1`, kill };
}

/** What curl was answered. */
async function curl(...args: readonly string[]) {
  const format = '\n%{http_code} %header{www-authenticate}%header{retry-after}';
  const common = ['--silent', '--max-time', '20', '--write-out', format];
  const { stdout } = await run('curl', [...common, ...args]);
  const [status = '', ...headers] = stdout.slice(stdout.lastIndexOf('\n') + 1).split(' ');
  const text = stdout.slice(0, stdout.lastIndexOf('\n'));
  return { status: Number(status), header: headers.join(' '), body: JSON.parse(text) };
}

function posting(value: unknown): readonly string[] {
  return ['--header', 'content-type: application/json', '--data', JSON.stringify(value)];
}

test('curl does what its token allows, and what it did is in the audit log', async (t) => {
  const { config, state, command } = await setUp(t);
  const { url } = await startFrontend(t, config);
  const socket = ['--unix-socket', join(state, 'scree.sock')];
  const nodes = 'http://frontend/api/v1/nodes';
  t.is((await curl(...socket, nodes, ...posting(node))).status, 201);

  const token = (
    await command('token', 'create', 'ci', '--scope', 'boot', '--expires', '1d')
  ).trim();
  const bearer = ['--oauth2-bearer', token];
  t.is((await curl(`${url}/nodes`, ...bearer)).body.nodes.length, 1);
  const order = { selection: ['all'], action: 'install' };
  t.is((await curl(`${url}/nodes/boot`, ...bearer, ...posting(order))).status, 200);
  const refused = await curl(`${url}/nodes/compute-0-1`, ...bearer, '--request', 'DELETE');
  t.like(refused, { status: 403, body: { code: 'narrow-scope' } });
  t.is((await curl(`${url}/installs`, ...bearer)).body.installs[0].bootState, 'install');

  const document = await curl(`${url}/openapi.json`, ...bearer);
  t.is(document.body.openapi, '3.1.0');
  const { entries } = (await curl(`${url}/audit`, ...bearer)).body;
  t.deepEqual(
    entries.map(({ who, address, action }: Record<string, string>) => [who, address, action]),
    [
      ['token:ci', '127.0.0.1', 'node boot'],
      [`local:${userInfo().username}`, null, 'token create'],
      [`local:${userInfo().username}`, null, 'node add'],
    ],
  );
  t.false(JSON.stringify(entries).includes(token));

  await command('token', 'revoke', 'ci');
  const revoked = await curl(`${url}/nodes`, ...bearer);
  t.like(revoked, { status: 401, body: { code: 'bad-token' } });
  t.is(revoked.header, 'Bearer realm="scree", error="invalid_token"');
  const statuses = [];
  for (let at = 0; at < 11; at += 1) {
    statuses.push((await curl(`${url}/nodes`, '--oauth2-bearer', `scree_${at}`)).status);
  }
  t.deepEqual(statuses, [...new Array(9).fill(401), 429, 429]);
  t.regex((await curl(`${url}/nodes`, ...bearer)).header, /^\d+$/);
  t.is((await curl(`${url}/nodes`)).status, 200);
});

test('a browser’s form or page of another site changes nothing', async (t) => {
  const { config } = await setUp(t);
  const { url } = await startFrontend(t, config);
  t.is((await curl(`${url}/nodes`, '--data', JSON.stringify(node))).status, 415);
  const crossSite = ['--header', 'sec-fetch-site: cross-site'];
  t.is((await curl(`${url}/trees/reload`, '--request', 'POST', ...crossSite)).status, 403);
  const { port } = new URL(url);
  const rebound = ['--resolve', `rebound.example.com:${port}:127.0.0.1`];
  const elsewhere = `http://rebound.example.com:${port}/api/v1/nodes`;
  t.like(await curl(elsewhere, ...rebound), { status: 403, body: { code: 'other-site' } });
  t.deepEqual((await curl(`${url}/nodes`)).body, { nodes: [] });
});

test('curl follows the events of all machines over a frontend that is killed', async (t) => {
  const { config, state, command } = await setUp(t);
  await command('node', 'add', node.name, '--mac', node.macs[0] ?? '');
  let frontend = await startFrontend(t, config);
  const key = Buffer.from(
    (await readFile(join(state, 'keys', 'install.key'), 'utf8')).trim(),
    'hex',
  );
  let installNumber = 0;
  /** An install that fails with its number as the reason: one event. */
  const fail = async (): Promise<boolean> => {
    const order = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ selection: ['all'], action: 'install' });
    const armed = await fetch(`${frontend.url}/nodes/boot`, { ...order, body });
    const { nodes } = (await armed.json()) as { nodes: { installNumber: number }[] };
    installNumber = nodes[0]?.installNumber ?? 0;
    const token = installTokenOf({ name: node.name, installNumber }, key);
    const end = new URL(`/installs/${token}/failure?reason=n${installNumber}`, frontend.url);
    return (await fetch(end)).ok;
  };
  const told: string[] = [];
  const parser = new EventStreamParser();
  const follow = async (until: () => boolean) => {
    const resumed = ['--header', `last-event-id: ${parser.lastEventId || '0'}`];
    const args = ['--silent', '--no-buffer', '--max-time', '60', ...resumed];
    const child = spawn('curl', [...args, `${frontend.url}/events`]);
    t.teardown(() => child.kill('SIGKILL'));
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      for (const { data } of parser.push(String(chunk))) {
        const { reason } = JSON.parse(data) as { reason?: string };
        if (reason !== undefined) told.push(reason);
      }
      if (until()) break;
    }
    child.kill('SIGKILL');
  };
  for (let round = 0; round < 3; round += 1) {
    const seen = told.length;
    const following = follow(() => told.length >= seen + 5);
    for (let at = 0; at < 8; at += 1) t.true(await fail());
    await following;
    // In the middle of what is being written.
    const failing = fail().catch(() => false);
    await frontend.kill();
    await failing;
    frontend = await startFrontend(t, config);
    t.true(await fail());
  }
  await follow(() => told.at(-1) === `n${installNumber}`);
  const numbers = told.map((reason) => Number(reason.slice(1)));
  const stored = await command('node', 'events', node.name, '--json');
  const kept = (JSON.parse(stored) as { reason?: string }[]).flatMap(({ reason }) => reason ?? []);
  t.deepEqual(told, kept);
  // What happened just before a kill, and was told to nobody, may be gone.
  t.true(numbers.length >= 3 * 5, String(numbers.length));
  t.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});
