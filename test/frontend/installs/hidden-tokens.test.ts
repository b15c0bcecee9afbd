import test from 'ava';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { serveTrees } from '../http/fixture.ts';
import { macOf } from '../nodes/fixture.ts';

test('the token of an install is in nothing that is kept of what its machine says', async (t) => {
  const { url, nodes, installs } = await serveTrees(t, []);
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const [armed] = nodes.store.boot(['a'], 'install');
  const token = installs.tokenOf(armed as MachineNode);
  const say = async (path: string, body?: string) => {
    const reply = await fetch(`${url}${path}`, body === undefined ? {} : { method: 'POST', body });
    return { status: reply.status, text: await reply.text() };
  };
  const line = `BOOT_IMAGE=linux url=http://10.1.1.1/kickstart/${token}/preseed scree.token=${token}`;
  const phases = [{ name: 'partitioned', atMs: 1, detail: `/dev/sda ${token}` }];
  const bytes = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
  const report = JSON.stringify({ run: 'a', sequence: 1, atMs: 1, phases, bytes });
  t.is((await say(`/installs/${token}/progress`, report)).status, 200);
  const reason = encodeURIComponent(`cannot load /kickstart/${token}`);
  t.is((await say(`/installs/${token}/failure?reason=${reason}`, `${line}\n`)).status, 200);
  t.is(nodes.store.byName('a')?.bootReason, 'cannot load /kickstart/…');
  const log = await say('/api/v1/nodes/a/install-log');
  t.regex(log.text, /kickstart\/…\/preseed scree\.token=…/);
  const shown = await say('/api/v1/installs/a');
  t.true(shown.text.includes('/dev/sda …'));
  const story = JSON.stringify(nodes.events.read(['a']));
  const secret = token.slice(token.indexOf('-'));
  for (const text of [log.text, shown.text, story]) t.false(text.includes(secret));
  t.is((await say(`/installs/${token}/success`, `${line}\nsucceeded\n`)).status, 200);
  const last = await say('/api/v1/nodes/a/install-log');
  t.regex(last.text, /preseed scree\.token=…\\nsucceeded/);
  t.false(last.text.includes(secret));
});
