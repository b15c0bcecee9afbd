import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseConfig } from '../../../src/frontend/config.ts';
import { dhcpExportFormats } from '../../../src/frontend/dhcp/export.ts';
import { exportDhcp } from '../../../src/frontend/dhcp/main.ts';
import { FrontendError } from '../../../src/frontend/errors.ts';
import { createNodes } from '../../../src/frontend/nodes/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { interfaces } from './interfaces.ts';

async function setUp(t: ExecutionContext, dhcp: string) {
  const folder = await temporaryFolder(t);
  const config = parseConfig(`state: state\ndhcp: { ${dhcp} }`, join(folder, 'scree.yaml'));
  return { config, nodes: createNodes({ state: config.state }) };
}

test('machines of the database get the addresses that they have there', async (t) => {
  const { config, nodes } = await setUp(t, 'interface: eth1, range: 10.1.200.1-10.1.200.9');
  const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02'];
  await nodes.add({ name: 'compute-0-0', macs, address: '10.1.0.5' });
  for (const format of dhcpExportFormats) {
    const { text, warnings } = await exportDhcp(format, config, { interfaces });
    for (const word of [...macs, '10.1.0.5', 'compute-0-0']) t.true(text.includes(word), word);
    t.deepEqual(warnings, []);
  }
});

test('reservations are enough without a range', async (t) => {
  const { config, nodes } = await setUp(t, 'mode: off, interface: eth1');
  await nodes.add({ name: 'compute-0-0', macs: ['52:54:00:00:00:01'], address: '10.1.0.5' });
  const { text } = await exportDhcp('dnsmasq', config, { interfaces });
  t.regex(text, /^dhcp-range=set:net0,10\.1\.0\.0,static,255\.255\.0\.0,1200$/m);
  t.regex(text, /^dhcp-host=52:54:00:00:00:01,.*,10\.1\.0\.5,compute-0-0$/m);
});

test('without either, nobody would get an address, which is an error', async (t) => {
  const { config, nodes } = await setUp(t, 'mode: off, interface: eth1');
  await nodes.add({ name: 'compute-0-0', macs: ['52:54:00:00:00:01'] });
  const error = await t.throwsAsync(exportDhcp('isc', config, { interfaces }), {
    instanceOf: FrontendError,
    code: 'bad-dhcp',
  });
  t.is(
    error.message,
    'dhcp.range: expected a range such as 10.1.200.1-10.1.250.254, or nodes with addresses',
  );
});

test('a range behind a relay agent is enough, whatever the mode', async (t) => {
  const networks = 'networks: [{ network: 10.2.0.0/16, range: 10.2.0.10-10.2.0.19 }]';
  const texts: string[] = [];
  for (const mode of ['off', 'proxy', 'server']) {
    const { config } = await setUp(t, `mode: ${mode}, interface: eth1, ${networks}`);
    texts.push((await exportDhcp('isc', config, { interfaces })).text);
  }
  t.regex(texts[0] ?? '', /subnet 10\.2\.0\.0 netmask 255\.255\.0\.0 \{/);
  t.is(new Set(texts).size, 1);
});

test('a rule that the other server cannot follow is told of by its place', async (t) => {
  const rules = 'boot-files: [{ file: "{mac}.efi" }, { node: none-such, file: a }]';
  const range = 'range: 10.1.200.1-10.1.200.9';
  const { config } = await setUp(t, `interface: eth1, ${range}, ${rules}`);
  const { warnings } = await exportDhcp('dnsmasq', config, { interfaces });
  t.deepEqual(warnings, [
    'dhcp.boot-files[0] is left out: the other server cannot fill in {mac}',
    "dhcp.boot-files[1] is left out: expected a node of this name, found no 'none-such'",
  ]);
});
