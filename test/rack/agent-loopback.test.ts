import { resolve } from 'node:path';
import test from 'ava';
import { createRack } from '../support/rack.ts';

const limitMs = 60_000;

test('an agent whose loopback has no address for a moment waits for it, as in Debian’s netcfg', async (t) => {
  const rack = await createRack({ hosts: [{ name: 'node', ip: '10.77.0.2' }] });
  t.teardown(rack.remove);
  const node = rack.host('node');
  await node.run(['ip', '-f', 'inet', 'addr', 'flush', 'dev', 'lo']);
  const agent = node.start([resolve('scree'), 'agent', '--frontend', 'http://10.77.0.1']);
  await agent.stderr.find(/address not there/);
  await node.run(['ip', 'addr', 'add', '127.0.0.1/8', 'dev', 'lo']);
  t.regex(await agent.waitForLine(/^ready /, limitMs), /^ready http:\/\/127\.0\.0\.1:80 /);
  t.is((await agent.stop()).code, 0);
});

test('an address that does not come ends the agent, with advice', async (t) => {
  const rack = await createRack({ hosts: [{ name: 'node', ip: '10.77.0.2' }] });
  t.teardown(rack.remove);
  const elsewhere = ['--listen', '10.77.0.9:80', '--frontend', 'http://10.77.0.1'];
  const agent = rack.host('node').start([resolve('scree'), 'agent', ...elsewhere]);
  t.is((await agent.ended).code, 1);
  t.regex(agent.stderr.lines().at(-1) ?? '', /EADDRNOTAVAIL.*choose an address of this machine/);
});
