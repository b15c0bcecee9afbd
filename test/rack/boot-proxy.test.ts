import test from 'ava';
import { openBootLab } from '../support/boot-lab.ts';
import { biosMachine, powerOn, uefiMachine } from '../support/virtual-machine.ts';

const limitMs = 120_000;
const mac = '52:54:00:88:00:02';
const name = 'compute-0-0';

/** A server of addresses that knows nothing of booting, nor of nodes. */
const addressServer = [
  ...['dnsmasq', '--conf-file=/dev/null', '--keep-in-foreground', '--pid-file=', '--user=root'],
  ...['--port=0', '--leasefile-ro', '--no-ping', '--dhcp-range=10.88.100.7,10.88.100.9'],
];

/** What makes iPXE boot a node that is to be installed. */
const byHttp = [
  /proxy-offer +http:\/\/10\.88\.0\.1\/boot\/boot\.ipxe/,
  /http +sent, boot\.ipxe/,
  /http +sent, debian\/linux, 7\.\d MiB/,
  /http +sent, debian\/initrd, 1\.0 MiB/,
];

test('a proxy boots a node at the address that another server gives it', async (t) => {
  t.timeout(4 * limitMs);
  const lab = await openBootLab(t, {
    machines: ['machine', 'addresses'],
    settings: { dhcp: { mode: 'proxy' } },
    // Nobody looks into it, and a real one takes long.
    files: { 'debian/initrd': Buffer.alloc(2 ** 20, 'initrd') },
    advertisesIpv6: true,
  });
  lab.machine('addresses').start(addressServer);
  await lab.control('node', 'add', name, '--mac', mac);
  await lab.control('node', 'boot', name, 'install');
  const uefi = await powerOn(lab.machine(), { args: uefiMachine(mac) });
  const loader = [/proxy-offer +snponly\.efi from 10\.88\.0\.1/, /tftp +sent, snponly\.efi/];
  const steps = await lab.waitForStory(name, [...loader, ...byHttp], limitMs);
  t.is(steps.length, 6);
  uefi.kill();
  await uefi.ended;

  // Another address in the database than the one that it gets.
  await lab.control('node', 'set', name, '--ip', '10.88.0.50');
  const bios = await powerOn(lab.machine(), { args: biosMachine(mac) });
  t.is((await lab.waitForStory(name, byHttp, limitMs)).length, 4);
  bios.kill();
  await bios.ended;
});

test('a proxy that was started later knows a node by its place on the wire', async (t) => {
  const lab = await openBootLab(t, { settings: { dhcp: { mode: 'proxy' } } });
  const machine = lab.machine();
  const { stdout } = await machine.run(['ip', '-oneline', 'link', 'show', 'eth0']);
  const wireMac = /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
  const fetchScript = `fetch('http://10.88.0.1/boot/boot.ipxe').then((r) => r.text()).then(console.log)`;
  const boot = () => machine.run([process.execPath, '-e', fetchScript]);
  t.notRegex((await boot()).stdout, /kernel/, 'a stranger');
  await lab.control('node', 'add', name, '--mac', wireMac);
  await lab.control('node', 'boot', name, 'install');
  t.regex((await boot()).stdout, /kernel .*debian\/linux/);
  await lab.waitForStory(name, [/http +sent, boot\.ipxe/], limitMs);
});
