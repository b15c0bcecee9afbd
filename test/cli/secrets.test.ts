import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createCli } from '../support/cli.ts';
import { openEventSource } from '../support/event-source.ts';

/** Each secret of the test is one of these with a number behind it. */
const canary = 'Canary7Bird';
const profile = `
output: kickstart
os: rocky9
tree: rocky9
attributes:
  license: { secret: true }
  api-key: {}
  seats: { type: number, secret: true, default: 1 }
  root-password-hash: { secret: true }
`;

type Described = {
  readonly get?: {
    readonly responses: Readonly<
      Record<string, { readonly content: Readonly<Record<string, object>> }>
    >;
  };
};

type Cli = Awaited<ReturnType<typeof createCli>>;

/** Two nodes whose profile declares secrets that were set before, and in each way that there is. */
async function setUp(t: ExecutionContext) {
  const cli = await createCli(t);
  const { folder, state, out, fed } = cli;
  await out('node', 'add', 'compute-0-0', '--mac', '52:54:00:00:00:01', '--ip', '10.1.1.11');
  await out('node', 'add', 'compute-0-1', '--mac', '52:54:00:00:00:02');
  // Nobody knew then that it would be one.
  await out('attr', 'set', '--global', `license=${canary}1`);
  await mkdir(join(state, 'profiles'));
  await writeFile(join(state, 'profiles', 'compute.yaml'), `${profile}include: [keys]\n`);
  await mkdir(join(state, 'profiles', 'fragments'));
  const fragment = (section: string, text: string) =>
    writeFile(join(state, 'profiles', 'fragments', `keys.${section}`), text);
  await fragment('ks', 'rootpw --iscrypted {{ root-password-hash }}\n');
  await fragment('post.sh', 'echo {{ license }} {{ api-key }}\n');
  t.is(
    (await fed(`${canary}2\n`, 'attr', 'set', '--secret', '--role', 'compute', 'api-key')).code,
    0,
  );
  await writeFile(join(folder, 'hash'), `${canary}3\n`);
  await out('attr', 'set', '--global', '--secret', `root-password-hash=@${join(folder, 'hash')}`);
  await writeFile(
    join(folder, 'nodes.csv'),
    `name,macs,attr:bmc-password,attr:license\nnas,52:54:00:00:00:03,,${canary}4\n`,
  );
  await out('node', 'import', join(folder, 'nodes.csv'));
  return cli;
}

/** A frontend that logs all it can. */
async function startFrontend(t: ExecutionContext, { start }: Cli) {
  const child = start('frontend', '--log-level', 'debug');
  t.teardown(() => child.kill('SIGKILL'));
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  let port: number | undefined;
  while (port === undefined) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`expected it to run: ${said.join('')}`);
    const found = /ready http:\/\/127\.0\.0\.1:(\d+)/.exec(said.join(''))?.[1];
    if (found !== undefined) port = Number(found);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    return said.join('');
  };
  return { port, stop };
}

const commands: readonly (readonly string[])[] = [
  ['attr', 'list'],
  ['attr', 'list', '--global'],
  ['attr', 'list', '--node', 'all'],
  ['node', 'list'],
  ['node', 'show', 'all'],
  ['node', 'show', 'all', '--resolved'],
  ['node', 'events', 'compute-0-0'],
  ['profile', 'list'],
  ['profile', 'show', 'compute'],
  ['profile', 'check'],
  ['audit'],
  ['token', 'list'],
  ['reinstall', 'all', '--dry-run'],
  ['reinstall', 'compute-0-0', '--dry-run', '--power', `echo {name} $SCREE_LICENSE`],
];
const plainCommands: readonly (readonly string[])[] = [
  ['node', 'xml', 'all'],
  ...['csv', 'yaml', 'hosts', 'ethers', 'dnsmasq', 'isc'].map((format) => [
    ...['node', 'export', '--format', format],
  ]),
];

test('no command, no answer, no event, no log and no message of an error holds a secret', async (t) => {
  t.timeout(180_000);
  const cli = await setUp(t);
  const { port, stop } = await startFrontend(t, cli);
  const texts = new Map<string, string>();
  const url = `http://127.0.0.1:${port}`;
  const fetched = async (path: string, init: RequestInit = {}) => {
    const answer = await (await fetch(`${url}${path}`, init)).text();
    texts.set(`${init.method ?? 'GET'} ${path} ${String(init.body ?? '')}`, answer);
    return answer;
  };
  const put = (body: string) =>
    fetched('/api/v1/attributes', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
  const api = { scope: 'node', target: 'compute-0-0', secret: true };
  await put(JSON.stringify({ ...api, values: { 'bmc-password': `${canary}5` } }));
  await put(
    JSON.stringify({ scope: 'global', values: { license: `${canary}6`, seats: `${canary}7` } }),
  );

  // The machine installs, and fails with a log that tells all it knows.
  await cli.out('node', 'boot', 'compute-0-0', 'install');
  const script = await (await fetch(`${url}/install/sbin/kickstart.cgi?client=compute-0-0`)).text();
  t.deepEqual(
    [1, 2, 3].filter((number) => !script.includes(`${canary}${number}`)),
    [],
    `the script itself holds them, so the search would find them: ${script}`,
  );
  const token = /installs\/([^/]+)\/success/.exec(script)?.[1] ?? '';
  await (await fetch(`${url}/kickstart/${token}`)).text();
  const progress = {
    sequence: 1,
    atMs: 1,
    phases: [{ name: 'booted', atMs: 1, detail: `${canary}1` }],
  };
  const bytes = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
  const reported = await fetch(`${url}/installs/${token}/progress`, {
    method: 'POST',
    body: JSON.stringify({ ...progress, bytes, agentVersion: '1' }),
  });
  t.is(reported.status, 200, await reported.text());
  const failure = `/installs/${token}/failure?reason=${canary}2%20is%20wrong`;
  await fetched(failure, { method: 'POST', body: `+ rootpw ${canary}3\n+ key '${canary}2'\n` });
  // One that cannot be made, for its secret.
  await cli.out('node', 'boot', 'compute-0-1', 'install');
  await cli.fed(
    `${canary}8\nno command`,
    'attr',
    'set',
    '--secret',
    '--node',
    'compute-0-1',
    'root-password-hash',
  );
  const refused = await fetched('/install/sbin/kickstart.cgi?client=compute-0-1');
  t.regex(refused, /keys\.ks:1: /);

  const document = JSON.parse(await fetched('/api/v1/openapi.json'));
  const paths = Object.entries<Described>(document.paths)
    .filter(([, { get }]) => get?.responses['200']?.content['application/json'] !== undefined)
    .map(([path]) => path.replace('{name}', 'compute-0-0'));
  t.true(paths.length > 10);
  for (const path of [...paths, '/stats.json', '/stats', '/metrics', '/healthz'])
    await fetched(path);
  t.regex(texts.get('GET /api/v1/nodes/compute-0-0/install-log ') ?? '', /rootpw \(secret\)/);
  const source = await openEventSource({ port, path: '/api/v1/events?since=0' });
  let event = '';
  while (!event.includes('is wrong')) {
    event = (await source.next()).data;
    texts.set(`event ${texts.size}`, event);
  }
  source.leave();
  for (const words of [
    ...commands,
    ...commands.map((each) => [...each, '--json']),
    ...plainCommands,
  ]) {
    const { stdout, stderr } = await cli.run(...words);
    texts.set(`scree ${words.join(' ')}`, `${stdout}${stderr}`);
  }
  texts.set('log', await stop());
  const lines = [...texts].flatMap(([what, text]) => text.split('\n').map((line) => [what, line]));
  const leaks = lines.filter(([, line]) => line?.includes(canary));
  t.deepEqual(leaks, []);
});
