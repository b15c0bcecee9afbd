import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  hexOfAddress,
  isBootProbe,
  parseBootConfigName,
} from '../../src/protocol/boot-config-name.ts';

const uuid = '564d4c5a-0a4d-4ab3-9f1e-00163e2a0b01';

test('PXELINUX asks from the most to the least precise name', (t) => {
  const names = [uuid, '01-52-54-00-ab-cd-01', '0A4D0001', '0A4D000', '0A4', '0', 'default'];
  const found = names.map((name) => parseBootConfigName(`pxelinux.cfg/${name}`));
  t.deepEqual(
    found.map((each) => [each?.loader, each?.by, each?.value]),
    [
      ['pxelinux', 'uuid', uuid],
      ['pxelinux', 'mac', '52:54:00:ab:cd:01'],
      ['pxelinux', 'address', '10.77.0.1'],
      ['pxelinux', 'prefix', '0A4D000'],
      ['pxelinux', 'prefix', '0A4'],
      ['pxelinux', 'prefix', '0'],
      ['pxelinux', 'default', ''],
    ],
  );
});

const others = [
  ['bios/pxelinux.cfg/default', 'pxelinux', 'bios', 'default', ''],
  ['grub/grub.cfg', 'grub', 'grub', 'default', ''],
  ['grub/grub.cfg-01-52-54-00-AB-CD-01', 'grub', 'grub', 'mac', '52:54:00:ab:cd:01'],
  ['grub/grub.cfg-01-52:54:00:ab:cd:01', 'grub', 'grub', 'mac', '52:54:00:ab:cd:01'],
  ['uefi.cfg/grub.cfg-0A4D0001', 'grub', 'uefi.cfg', 'address', '10.77.0.1'],
  [`grub.cfg-${uuid.toUpperCase()}`, 'grub', '', 'uuid', uuid],
  ['boot.ipxe', 'ipxe', '', 'default', ''],
  ['autoexec.ipxe', 'ipxe', '', 'default', ''],
  ['boot.ipxe-01-52-54-00-ab-cd-01', 'ipxe', '', 'mac', '52:54:00:ab:cd:01'],
  ['yaboot.conf', 'yaboot', '', 'default', ''],
  ['etc/yaboot.conf', 'yaboot', 'etc', 'default', ''],
  ['yaboot.conf-01-52-54-00-ab-cd-01', 'yaboot', '', 'mac', '52:54:00:ab:cd:01'],
  ['01-52-54-00-ab-cd-01', 'yaboot', '', 'mac', '52:54:00:ab:cd:01'],
  ['etc/0A4D0001', 'yaboot', 'etc', 'address', '10.77.0.1'],
] as const;

for (const [path, loader, folder, by, value] of others) {
  test(`${path} is a configuration of ${loader}, by ${by}`, (t) => {
    t.deepEqual(parseBootConfigName(path), { loader, folder, by, value });
  });
}

const plainFiles = [
  ...['pxelinux.0', 'debian/linux', 'pxelinux.cfg', 'pxelinux.cfg/notes', 'pxelinux.cfg/0A4D00011'],
  ...['pxelinux.cfg/06-52-54-00-ab-cd-01', 'grub/grub.cfg-', 'grub/grub.cfg-x', 'grub.cfg.old'],
  ...['cafe', 'debian/0A4D0001', 'xboot.ipxe', 'pxelinux.cfg/', '', 'a/pxelinux.cfg/b/default'],
];

test('any other path is a file', (t) => {
  for (const path of plainFiles) t.is(parseBootConfigName(path), undefined, path);
});

test('every address is found again from its hex digits', (t) => {
  const property = fc.property(fc.ipV4(), (address) => {
    const found = parseBootConfigName(`pxelinux.cfg/${hexOfAddress(address)}`);
    assert.deepEqual([found?.by, found?.value], ['address', address]);
  });
  t.notThrows(() => fc.assert(property));
});

test("GRUB's lists and other names of a configuration are probes, files are not", (t) => {
  t.true(isBootProbe('grub/x86_64-efi/command.lst'));
  t.true(isBootProbe('grub/powerpc-ieee1275/crypto.lst'));
  t.true(isBootProbe('pxelinux.cfg/0A4'));
  t.true(isBootProbe('revocations_sku.efi'));
  t.true(isBootProbe('shim_certificate_0.efi'));
  t.false(isBootProbe('shimx64.efi'));
  t.false(isBootProbe('debian/initrd'));
  t.false(isBootProbe('grub/fonts/unicode.pf2'));
});

test('no path throws', (t) => {
  const part = fc.constantFrom('pxelinux.cfg', 'grub.cfg', '-', '01', '/', 'boot.ipxe', 'ff', '');
  const path = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part).map((parts) => parts.join('')),
  );
  t.notThrows(() => fc.assert(fc.property(path, (each) => void parseBootConfigName(each))));
});
