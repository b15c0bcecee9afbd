import test from 'ava';
import { generateBootFile } from '../../../src/frontend/boot/generated.ts';
import type { BootAccess } from '../../../src/frontend/boot/types.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { actions, machine, noInstalls, overHttp, overTftp } from './fixture.ts';

const installing = machine({ bootAction: 'install', bootState: 'install' });
const mac = '01-52-54-00-ab-cd-01';

function textFor(node: MachineNode, path: string) {
  return generateBootFile({ node, path, access: overTftp }, { actions }, noInstalls);
}

function lineOf(path: string, pattern: RegExp, access: BootAccess) {
  const found = generateBootFile({ node: installing, path, access }, { actions }, noInstalls);
  const text = found?.kind === 'generated' ? found.text : '';
  return text
    .split('\n')
    .find((line) => pattern.test(line))
    ?.trim();
}

test('PXELINUX gets the kernel beside itself, or from the root of the server', (t) => {
  t.is(lineOf('pxelinux.cfg/default', /KERNEL/, overTftp), 'KERNEL debian/linux');
  t.is(lineOf('bios/pxelinux.cfg/default', /KERNEL/, overTftp), 'KERNEL ::debian/linux');
  t.is(
    lineOf('bios/pxelinux.cfg/default', /KERNEL/, overHttp),
    'KERNEL http://10.77.0.1:8080/boot/debian/linux',
  );
  t.is(lineOf('pxelinux.cfg/default', /INITRD/, overTftp), 'INITRD debian/initrd,agent/overlay');
});

test('the values of the machine stand in its arguments', (t) => {
  t.is(
    lineOf(`pxelinux.cfg/${mac}`, /APPEND/, overTftp),
    'APPEND auto=true priority=critical hostname=compute-0-0 netcfg/no_default_route=true ' +
      'netcfg/get_nameservers=10.77.0.1 scree.frontend=http://10.77.0.1 ' +
      'scree.role=compute scree.token=0-ab url=http://10.77.0.1/kickstart/0-ab',
  );
});

test('GRUB looks where it came from, and names the interface', (t) => {
  t.regex(
    lineOf(`grub/grub.cfg-${mac}`, /^linux/, overTftp) ?? '',
    /^linux \/debian\/linux BOOTIF=01-52-54-00-ab-cd-01 auto=true /,
  );
  t.regex(lineOf('grub/grub.cfg', /^initrd/, overHttp) ?? '', /^initrd \/boot\/debian\/initrd /);
});

test('iPXE loads by HTTP, wherever its script came from', (t) => {
  t.regex(
    lineOf('boot.ipxe', /^kernel/, overTftp) ?? '',
    /^kernel --name linux http:\/\/10\.77\.0\.1\/boot\/debian\/linux initrd=initrd0 /,
  );
});

test('the same machine with another action boots its disk at the next question', (t) => {
  const paths = ['pxelinux.cfg/default', 'grub/grub.cfg', 'boot.ipxe', 'yaboot.conf'];
  const texts = paths.map((path) => textFor(machine(), path));
  const local = [/LOCALBOOT 0/, /^exit$/m, /^exit$/m, /^default=bye$/m];
  for (const [at, found] of texts.entries()) {
    t.regex(found?.kind === 'generated' ? found.text : '', local[at] ?? /never/);
  }
});

test('Yaboot asks for both ramdisks under one name', (t) => {
  t.is(lineOf('yaboot.conf', /initrd=/, overTftp), 'initrd=debian/initrd&agent/overlay');
});

test('a configuration is made for the machine that it names only', (t) => {
  const own = [...[mac, '0A4D0014', '0A4D', 'default', '564D4C5A-0A4D-4AB3-9F1E-00163E2A0B01']];
  for (const name of own) t.truthy(textFor(installing, `pxelinux.cfg/${name}`), name);
  const others = [
    '01-52-54-00-ab-cd-02',
    '0A4D0015',
    '0A4E',
    '564d4c5a-0a4d-4ab3-9f1e-000000000000',
  ];
  for (const name of others) t.is(textFor(installing, `pxelinux.cfg/${name}`), undefined, name);
});

test('a machine without an address has no configuration by address', (t) => {
  const node = machine({ address: undefined, uuid: undefined });
  t.is(textFor(node, 'pxelinux.cfg/0A4D0014'), undefined);
  t.is(textFor(node, 'pxelinux.cfg/0'), undefined);
  t.truthy(textFor(node, 'pxelinux.cfg/default'));
});

test('any other file is not generated', (t) => {
  for (const path of ['pxelinux.0', 'debian/linux', 'grub/x86_64-efi/command.lst']) {
    t.is(textFor(installing, path), undefined);
  }
});

test('the interface is named once, and only where it is certain', (t) => {
  const two = machine({ macs: ['52:54:00:ab:cd:01', '52:54:00:ab:cd:02'], bootAction: 'rescue' });
  const text = (path: string, node = two) => {
    const found = textFor(node, path);
    return found?.kind === 'generated' ? found.text : '';
  };
  t.notRegex(text('grub/grub.cfg'), /BOOTIF/);
  t.regex(text('grub/grub.cfg-01-52-54-00-ab-cd-02'), /BOOTIF=01-52-54-00-ab-cd-02 /);
  t.notRegex(text(`pxelinux.cfg/${mac}`), /BOOTIF/);
});

test('one that waits reads again what it has asked for, where it has found it', (t) => {
  const failed = machine({ bootAction: 'install', bootState: 'failed', bootReason: 'no disk' });
  const settings = { actions, failed: 'wait' } as const;
  const text = (path: string, access: BootAccess) => {
    const found = generateBootFile({ node: failed, path, access }, settings, noInstalls);
    return found?.kind === 'generated' ? found.text : '';
  };
  t.regex(text(`pxelinux.cfg/${mac}`, overTftp), new RegExp(`^  CONFIG pxelinux.cfg/${mac}$`, 'm'));
  t.regex(text('bios/pxelinux.cfg/default', overTftp), /CONFIG ::bios\/pxelinux\.cfg\/default$/m);
  t.regex(text('grub/grub.cfg', overHttp), /source \/boot\/grub\/grub\.cfg$/m);
  t.regex(
    text('boot.ipxe', overTftp),
    /^chain --replace --autofree http:\/\/10\.77\.0\.1\/boot\/boot\.ipxe \|\| goto again$/m,
  );
  t.regex(text('yaboot.conf', overTftp), /default=bye/);
  t.regex(text('boot.ipxe', overTftp), /compute-0-0: the install failed: no disk; waiting/);
});
