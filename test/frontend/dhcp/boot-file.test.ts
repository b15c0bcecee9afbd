import test from 'ava';
import {
  chooseBootFile,
  defaultBootFiles,
  proxyBootFiles,
} from '../../../src/frontend/dhcp/boot-file.ts';
import type { BootFileRule } from '../../../src/frontend/dhcp/types.ts';
import type { DhcpClient } from '../../../src/protocol/dhcp/client.ts';
import { node, settings } from './fixture.ts';

const pxe: DhcpClient = { mac: '52:54:00:00:00:01', kind: 'pxe', architecture: 7 };

function choose(rules: readonly BootFileRule[], client: DhcpClient = pxe) {
  return chooseBootFile(client, node(), { ...settings, bootFiles: rules });
}

test('the first rule of which all parts fit wins', (t) => {
  const rules = [
    { architectures: [0], filename: 'bios' },
    { architectures: [7], node: 'compute-9-9', filename: 'of another node' },
    { architectures: [7, 9], node: 'compute-0-0', filename: 'its own' },
    { filename: 'any' },
  ];
  t.is(choose(rules)?.filename, 'its own');
  t.is(choose(rules, { ...pxe, architecture: 11 })?.filename, 'any');
});

test('vendor classes fit by how they begin, user classes as a whole', (t) => {
  const rules = [
    { vendorClass: 'PXEClient:Arch:00007', userClass: 'lab', filename: 'both' },
    { userClass: 'lab', filename: 'user' },
  ];
  const vendorClass = 'PXEClient:Arch:00007:UNDI:003000';
  t.is(choose(rules, { ...pxe, vendorClass, userClass: 'iPXE,lab' })?.filename, 'both');
  t.is(choose(rules, { ...pxe, userClass: 'lab' })?.filename, 'user');
  t.is(choose(rules, { ...pxe, vendorClass, userClass: 'laboratory' }), undefined);
});

test('a rule with an empty filename ends the search with nothing', (t) => {
  t.is(choose([{ node: 'compute-0-0', filename: '' }, ...defaultBootFiles]), undefined);
});

test('what stands in braces is filled in, and what is unknown stays', (t) => {
  const filename = '{http}/boot/{node}/{mac}/{server}/{what}';
  const { nextServer, filename: filled } = choose([{ nextServer: '10.1.1.9', filename }]) ?? {};
  t.is(nextServer, '10.1.1.9');
  t.is(filled, 'http://10.1.1.1/boot/compute-0-0/52-54-00-00-00-01/10.1.1.1/{what}');
});

test('an architecture that only the vendor class names counts', (t) => {
  const { architecture: _, ...silent } = pxe;
  const bios = { ...silent, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' };
  t.is(choose(defaultBootFiles, bios)?.filename, 'pxelinux.0');
});

test('firmware of an architecture without a loader gets none', (t) => {
  t.is(choose(defaultBootFiles, { ...pxe, architecture: 27 }), undefined);
});

const slof: DhcpClient = { mac: '52:54:00:00:00:01', kind: 'open-firmware' };

test('SLOF loads GRUB where it is, and else reads its configuration itself', (t) => {
  const asked: string[] = [];
  const fileFor = (client: DhcpClient, isThere: boolean, bootFiles = defaultBootFiles) => {
    const hasBootFile = (path: string, name?: string) => {
      asked.push(`${name} ${path}`);
      return isThere;
    };
    return chooseBootFile(client, node(), { ...settings, bootFiles, hasBootFile })?.filename;
  };
  t.is(fileFor(slof, true), 'grub.elf');
  t.is(fileFor({ ...slof, architecture: 12 }, false), '/');
  t.deepEqual(asked, ['compute-0-0 grub.elf', 'compute-0-0 grub.elf']);
  t.is(fileFor(slof, false, [{ filename: 'its-own.elf' }]), 'its-own.elf');
  t.is(fileFor({ ...slof, vendorClass: 'AAPLBSDPC/ppc/X' }, false), 'yaboot');
  t.is(choose(defaultBootFiles, slof)?.filename, 'grub.elf');
});

test('beside another server’s addresses UEFI loads iPXE, which understands both', (t) => {
  t.is(choose(proxyBootFiles)?.filename, 'snponly.efi');
  t.is(choose(proxyBootFiles, { ...pxe, architecture: 0 })?.filename, 'pxelinux.0');
  t.is(
    choose(proxyBootFiles, { ...pxe, kind: 'ipxe' })?.filename,
    'http://10.1.1.1/boot/boot.ipxe',
  );
});
