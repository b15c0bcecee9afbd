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
