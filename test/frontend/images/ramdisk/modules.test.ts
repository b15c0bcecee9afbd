import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { RamdiskError } from '../../../../src/frontend/images/ramdisk/errors.ts';
import { readModuleInfo } from '../../../../src/frontend/images/ramdisk/module-info.ts';
import { collectModules } from '../../../../src/frontend/images/ramdisk/modules.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { buildKernelObject } from './kernel-object.ts';

test('a module says what it needs, what it is for, and what is better loaded before it', (t) => {
  const bytes = buildKernelObject([
    'license=GPL',
    'depends=mbcache,crc16,jbd2-x',
    'softdep=pre: crc32c aead-x post: late',
    'softdep=post: later',
    'alias=fs-ext3',
    'alias=pci:v00001AF4d*',
    'name=ext4',
  ]);
  t.deepEqual(readModuleInfo(bytes, 'ext4.ko'), {
    needs: ['mbcache', 'crc16', 'jbd2_x'],
    softNeeds: ['crc32c', 'aead_x'],
    aliases: ['fs-ext3', 'pci:v00001AF4d*'],
  });
  t.deepEqual(readModuleInfo(buildKernelObject(['depends=']), 'x.ko').needs, []);
});

test('whatever bytes are given for a module, it is read or refused by name', (t) => {
  const real = buildKernelObject(['depends=a,b', 'alias=x']);
  const spoilt = fc
    .array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 8, size: 'max' })
    .map((changes) => {
      const bytes = Buffer.from(real);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const any = fc.uint8Array({ maxLength: 300, size: 'max' }).map((bytes) => Buffer.from(bytes));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(spoilt, any), (bytes) => {
        try {
          readModuleInfo(bytes, 'm.ko');
        } catch (error) {
          if (!(error instanceof RamdiskError) || !error.message.includes("'m.ko'")) throw error;
        }
      }),
      { numRuns: 500 },
    ),
  );
});

test('modules come with all that they need, and are found by what they are for', async (t) => {
  const folder = await temporaryFolder(t);
  const modules = {
    'fs/ext4/ext4.ko': ['depends=jbd2,mbcache', 'softdep=pre: crc32c'],
    'fs/jbd2/jbd2.ko': ['depends=mbcache'],
    'fs/mbcache.ko': [],
    'fs/xfs/xfs.ko': [],
    'lib/crc32c-plain.ko': [],
    'drivers/net/virtio_net.ko': ['depends=net-failover', 'alias=virtio:d00000001v*'],
    'drivers/net/net_failover.ko': ['depends='],
    'drivers/scsi/lpfc/lpfc.ko': ['alias=pci:*'],
    'sound/snd.ko': [],
  };
  for (const [path, pairs] of Object.entries(modules)) {
    const full = join(folder, 'kernel', path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, buildKernelObject(pairs));
  }
  const entries = await collectModules(folder, '6.1.0');
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry] : []));
  const named = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const text = (name: string) =>
    Buffer.from(named.get(`lib/modules/6.1.0/${name}`) ?? '').toString();
  t.is(
    text('modules.dep'),
    [
      'kernel/drivers/net/net_failover.ko.gz:',
      'kernel/drivers/net/virtio_net.ko.gz: kernel/drivers/net/net_failover.ko.gz',
      'kernel/fs/ext4/ext4.ko.gz: kernel/fs/jbd2/jbd2.ko.gz kernel/fs/mbcache.ko.gz',
      'kernel/fs/jbd2/jbd2.ko.gz: kernel/fs/mbcache.ko.gz',
      'kernel/fs/mbcache.ko.gz:',
      '',
    ].join('\n'),
  );
  t.is(text('modules.alias'), 'alias virtio:d00000001v* virtio_net\n');
  t.is(files.length, 7);
  const ext4 = named.get('lib/modules/6.1.0/kernel/fs/ext4/ext4.ko.gz') ?? Buffer.alloc(0);
  t.deepEqual(gunzipSync(ext4), buildKernelObject(modules['fs/ext4/ext4.ko']));
});
