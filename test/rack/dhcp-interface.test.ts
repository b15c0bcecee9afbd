import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack } from '../support/rack.ts';
import { writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');

/** A program sees in /sys the interfaces of whoever mounted it. */
const withOwnSys = ['unshare', '--mount', 'sh', '-c', 'mount -t sysfs sys /sys && exec "$@"', 'sh'];

/** A frontend whose interface is made and changed by commands of `ip`. */
async function setUp(t: ExecutionContext) {
  const rack = await createRack({ hosts: [{ name: 'frontend', ip: '10.88.0.1' }] });
  t.teardown(rack.remove);
  const host = rack.host('frontend');
  const config = await writeConfig(host, await temporaryFolder(t));
  await appendFile(config, 'dhcp: { mode: server, interface: rack0, range: 10.1.1.8-10.1.1.9 }\n');
  const ip = (...args: readonly string[]) => host.run(['ip', ...args]);
  const refusal = async (): Promise<string> => {
    const program = host.start([...withOwnSys, scree, 'frontend', '-c', config]);
    t.is((await program.ended).code, 1);
    return program.stderr.lines().at(-1) ?? '';
  };
  return { ip, refusal };
}

test('an interface that cannot be served on is told with the reason', async (t) => {
  const { ip, refusal } = await setUp(t);
  const expected = /scree\.yaml:5:34: dhcp\.interface: expected .*, got 'rack0': /;
  const reason = async () => {
    const line = await refusal();
    t.regex(line, expected);
    return line.slice(line.indexOf("'rack0': ") + 9);
  };
  t.is(await reason(), 'no such interface');

  await ip('link', 'add', 'rack0', 'type', 'veth', 'peer', 'name', 'switch');
  await ip('addr', 'add', '10.1.1.1/24', 'dev', 'rack0');
  t.is(await reason(), 'it is down: ip link set rack0 up');

  await ip('link', 'set', 'rack0', 'up');
  t.regex(await reason(), /^it has no carrier: connect its cable/);

  await ip('link', 'set', 'switch', 'up');
  await ip('addr', 'flush', 'dev', 'rack0');
  t.is(await reason(), 'none on it: ip address add 10.1.1.1/16 dev rack0');
});
