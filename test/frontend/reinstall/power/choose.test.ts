import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { PowerError } from '../../../../src/frontend/reinstall/errors.ts';
import { choosePower } from '../../../../src/frontend/reinstall/power/choose.ts';
import type { PowerTarget } from '../../../../src/frontend/reinstall/power/types.ts';
import { wakeOnLanMethod } from '../../../../src/frontend/reinstall/power/wake-on-lan.ts';

const { signal } = new AbortController();

function target(name: string, attributes: Readonly<Record<string, string>> = {}): PowerTarget {
  const mac = '52:54:00:00:00:01';
  const password = attributes['bmc-password'] ?? 'none';
  return {
    ...{ name, mac, address: undefined, attributes: new Map(Object.entries(attributes)) },
    hideSecrets: (text) => text.replaceAll(password, '(secret)'),
  };
}

function choose(how: string, targets: readonly PowerTarget[] = [], interfaceName = 'lo') {
  return choosePower({ how, inShell: false, interfaceName }, targets);
}

test('what machines lack is said before anything is done, a line for each', async (t) => {
  const bmc = { 'bmc-address': '10.2.0.1', 'bmc-user': 'root' };
  const machines = [target('a', bmc), target('b', { ...bmc, 'bmc-password': 'x' }), target('c')];
  t.deepEqual(await choose('redfish', machines).problems(), [
    'expected the attribute bmc-password for a and 1 more, found none',
    'expected the attribute bmc-address for c, found none',
    'expected the attribute bmc-user for c, found none',
  ]);
  t.deepEqual(await choose('none', machines).problems(), []);
  t.regex(
    (await choose('wol', machines, 'none').problems())[0] ?? '',
    /^expected 'dhcp.interface' to be an interface .* \(it is 'none'\) for a and 2 more/,
  );
});

test('what a program says is told without the secrets of its machine, and short', async (t) => {
  const machine = target('a', { 'bmc-password': 'hunter2' });
  const noise = 'x'.repeat(290);
  const command = `sh -c 'echo ${noise}$SCREE_BMC_PASSWORD$SCREE_BMC_PASSWORD$SCREE_NAME; exit 3'`;
  const error = await t.throwsAsync(choose(command, [machine]).cycle('a', signal), {
    instanceOf: PowerError,
    message: /^expected 'sh' to end well, it ended with 3: x+/,
  });
  t.false(error?.message.includes('hunter'));
  t.true((error?.message.length ?? 0) <= 301);
  t.false(choose(`echo hunter2 {name}`, [machine]).describe('a').includes('hunter'));
});

test('a word that is none of the ways is no command', (t) => {
  t.throws(() => choose('redfsh'), { code: 'bad-power', message: /did you mean 'redfish'\?/ });
  t.throws(() => choose(''), { code: 'bad-power' });
  t.notThrows(() => choose('powerman -c {name}'));
  t.notThrows(() => choose('/usr/local/bin/power'));
});

test('a machine is woken by a packet to all of the interface’s network', async (t) => {
  const socket = createSocket('udp4');
  socket.bind(0, '0.0.0.0');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const method = wakeOnLanMethod({ interfaceName: 'lo', port: socket.address().port });
  const heard = once(socket, 'message');
  await method.cycle(target('a'), signal);
  const [packet] = (await heard) as [Buffer];
  t.is(packet.length, 102);
  t.is(packet.subarray(96).toString('hex'), '525400000001');
});
