import { access } from 'node:fs/promises';
import test from 'ava';
import { createCli } from '../support/cli.ts';

test.serial(
  'what a node will be sent is printed, its files too, and nothing is changed',
  async (t) => {
    const { out, run } = await createCli(t);
    await out('node', 'add', 'compute-0-0', '--mac', '52:54:00:00:00:01');
    await out('attr', 'set', '--role', 'compute', 'time-zone=Europe/Berlin');
    await out('node', 'boot', 'compute-0-0', 'install');
    const script = await out('node', 'kickstart', 'compute-0-0');
    t.regex(script, /d-i time\/zone string Europe\/Berlin/);
    const { files, text, output } = JSON.parse(
      await out('node', 'kickstart', 'compute-0-0', '--json'),
    );
    t.is(output, 'preseed');
    t.is(text, script);
    const token = /\/installs\/(1-[\da-f]{32})\/success/.exec(JSON.stringify(files))?.[1];
    t.truthy(token);
    t.is(await out('node', 'kickstart', 'compute-0-0', '--file', 'late.sh'), files['late.sh']);
    const [node] = [JSON.parse(await out('node', 'show', 'compute-0-0', '--json'))];
    t.like(node, { bootState: 'install', installNumber: 1 });
    t.is((await run('node', 'kickstart', 'compute-0-0', '--file', 'no')).code, 2);
  },
);

test.serial('a name that is no node’s, or a profile that there is not, is told', async (t) => {
  const { out, run, state } = await createCli(t);
  t.regex((await run('node', 'kickstart', 'nobody')).stderr, /expected the name of a node/);
  await t.throwsAsync(access(state));
  await out('node', 'add', 'nas', '--mac', '52:54:00:00:00:02');
  await out('attr', 'set', '--node', 'nas', 'profile=nowhere');
  const { code, stderr } = await run('node', 'kickstart', 'nas');
  t.is(code, 1);
  t.regex(stderr, /nowhere/);
});
