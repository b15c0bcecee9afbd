import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openBootLab } from '../support/boot-lab.ts';

const address = '10.88.0.50';
const name = 'power-0-0';
const [firmware, macos] = ['AAPLBSDPC/ppc/PowerMac7,2', 'AAPLBSDPC'];

/** A PowerMac's wire, with clients that ask as its firmware and Yaboot do. */
async function openMac(t: ExecutionContext) {
  const initrds = ['debian/initrd', 'agent.cpio'];
  const lab = await openBootLab(t, {
    settings: {
      boot: { actions: { install: { kernel: 'debian/linux', initrds, args: 'host={node}' } } },
    },
    files: { yaboot: 'the loader', 'debian/initrd': 'the first, ', 'agent.cpio': 'and the second' },
  });
  const machine = lab.machine();
  await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const { stdout } = await machine.run(['ip', '-oneline', 'link', 'show', 'eth0']);
  const mac = /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
  await lab.addNode({ name, mac, ip: address, action: 'install' });
  const [script, target] = [join(lab.folder, 'told.sh'), join(lab.folder, 'fetched')];
  const take = `ip addr replace $ip/$mask dev eth0; echo "$ip $boot_file $siaddr"`;
  await writeFile(script, `#!/bin/sh\n[ "$1" != bound ] || { ${take}; }\n`);
  await chmod(script, 0o755);
  const udhcpc = ['udhcpc', '-i', 'eth0', '-f', '-q', '-n', '-T', '1', '-s', script];
  return {
    ...lab,
    dashedMac: mac.replaceAll(':', '-'),
    /** What it is told; undefined: nothing, three times. */
    ask: async (vendorClass: string) => {
      const asked = machine.start([...udhcpc, '-t', '3', '-V', vendorClass]);
      const { code } = await asked.ended;
      return code === 0 ? asked.stdout.lines().join('\n') : undefined;
    },
    fetch: async (path: string) => {
      await machine.run(['tftp', '-m', 'binary', '10.88.0.1', '-c', 'get', path, target]);
      return readFile(target, 'utf8');
    },
  };
}

test('Apple’s Open Firmware gets Yaboot and its node’s configuration, or silence', async (t) => {
  const { ask, fetch, control, dashedMac } = await openMac(t);
  t.is(await ask(macos), undefined, 'its MacOS is never answered');
  t.is(await ask(firmware), `${address} yaboot 10.88.0.1`);
  t.is(await fetch('yaboot'), 'the loader');
  for (const path of ['yaboot.conf', `yaboot.conf-01-${dashedMac}`, `01-${dashedMac}`]) {
    t.regex(
      await fetch(path),
      /image=debian\/linux\n.*\n.*initrd=\S+\n.*append=".*host=power-0-0"/,
    );
  }
  const initrd = /initrd=(\S+)/.exec(await fetch('yaboot.conf'))?.[1] ?? '';
  t.regex(await fetch(initrd), /^the first, .*and the second/s);
  await control('node', 'boot', name, 'os');
  t.regex(await fetch('yaboot.conf'), /default=bye/);
  t.is(await ask(firmware), undefined);
  const story = await control('node', 'events', name);
  t.regex(story, /ignored .*installed-macos.*offer +10\.88\.0\.50, yaboot.*sent, yaboot,/s);
  t.regex(story, /sent, yaboot\.conf, .*ignored .*boots-from-disk/s);
});
