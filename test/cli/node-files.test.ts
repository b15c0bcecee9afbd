import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createCli, untilReady } from '../support/cli.ts';

const csv =
  'name,mac,ip,attr:disk\n' +
  'compute-0-0,52:54:00:00:00:01,10.1.1.1,/dev/sda\n' +
  'compute-0-1,52:54:00:00:00:02,10.1.1.2,\n';

test.serial('machines come from files and go to files', async (t) => {
  const { folder, out, run, fed } = await createCli(t);
  await writeFile(join(folder, 'nodes.csv'), csv);
  t.is(
    await out('node', 'import', 'nodes.csv', '--dry-run'),
    'would add compute-0-0: 52:54:00:00:00:01, 10.1.1.1, attribute disk\n' +
      'would add compute-0-1: 52:54:00:00:00:02, 10.1.1.2\n' +
      'nothing was written: 2 added, 0 changed, 0 as they were\n',
  );
  t.deepEqual(JSON.parse(await out('node', 'list', '--json')), []);
  t.regex(await out('node', 'import', 'nodes.csv'), /\n2 added, 0 changed, 0 as they were\n$/);
  const again = await run('node', 'import', 'nodes.csv');
  t.is(again.code, 1);
  t.regex(
    again.stderr,
    /^scree: nodes\.csv:2: expected a node that is not there yet.*\nscree: .*:3: /,
  );
  await writeFile(join(folder, 'all.yaml'), await out('node', 'export', '--format', 'yaml'));
  t.is(await out('node', 'import', 'all.yaml', '--update'), '0 added, 0 changed, 2 as they were\n');
  t.is(await out('node', 'export', 'compute-0-1', '--format', 'hosts'), '10.1.1.2 compute-0-1\n');
  const stdin = await fed(
    'name,rack\ncompute-0-1,7\n',
    'node',
    'import',
    '-',
    '--format',
    'csv',
    '--update',
  );
  t.is(stdin.stdout, 'changed compute-0-1: rack 0 → 7\n0 added, 1 changed, 0 as they were\n');
  const report = await fed('', 'node', 'import', '-', '--format', 'ethers', '--json');
  t.deepEqual(JSON.parse(report.stdout), {
    steps: [],
    skippedCount: 0,
    warnings: [],
    isDryRun: false,
  });
});

test.serial('a frontend that runs sees at once what was imported', async (t) => {
  const { folder, out, start } = await createCli(t);
  await untilReady(t, start('frontend'));
  await writeFile(join(folder, 'nodes.csv'), csv);
  await out('node', 'import', 'nodes.csv');
  t.is(JSON.parse(await out('node', 'list', 'rack=0', '--json')).length, 2);
  t.like(JSON.parse(await out('node', 'show', 'compute-0-1', '--json')), { address: '10.1.1.2' });
  t.is(await out('node', 'boot', 'compute-0-[0-1]', 'install'), '2 nodes boot install next\n');
  t.is(await out('node', 'set', 'all', '--rack', '3'), 'changed 2 nodes\n');
  t.like(JSON.parse(await out('node', 'set', 'state=install', '--rank', '1', '--json')), [
    { rack: 3, rank: 1 },
    { rack: 3, rank: 1 },
  ]);
  t.is(await out('node', 'remove', 'rack=3'), 'removed 2 nodes\n');
  t.is(await out('node', 'list', 'rack=3'), 'no nodes of rack=3\n');
});

test.serial('what is wrong is told, and leaves all as it was', async (t) => {
  const { folder, run } = await createCli(t);
  await writeFile(join(folder, 'nodes.csv'), `${csv}c,52:54,10.1.1.3,\n`);
  await writeFile(join(folder, 'nodes.txt'), csv);
  const failing = [
    [
      ['import', 'nodes.csv'],
      1,
      /^scree: nodes\.csv:4: expected a MAC address such as .*got "52:54"\n$/,
    ],
    [['import', 'nodes.txt'], 1, /^scree: expected --format \(csv, .*got 'nodes\.txt'\n$/],
    [['import', 'none.csv'], 1, /^scree: expected a file of machines 'none\.csv', got: ENOENT/],
    [['import', '-'], 2, /^scree: expected --format \(csv, .*\) for stdin; see/],
    [['import', '-', '-', '--format', 'csv'], 2, /^scree: expected '-' once; see/],
    [['export', 'none'], 1, /^scree: expected the names of nodes, got 'none'; see/],
    [
      ['export', '--format', 'xml'],
      2,
      /expected one of csv, yaml, hosts, ethers, dnsmasq, isc, got/,
    ],
  ] as const;
  for (const [args, code, message] of failing) {
    const result = await run('node', ...args);
    t.is(result.code, code, args.join(' '));
    t.is(result.stdout, '');
    t.regex(result.stderr, message);
  }
  const nodes = await run('node', 'list', '--json');
  t.is(nodes.stdout, '[]\n');
});
