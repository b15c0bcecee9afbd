import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  type ImageFacts,
  listImages,
  serveImage,
  storeImage,
} from '../../../src/frontend/images/image-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const facts: ImageFacts = {
  version: '1.2.3',
  architecture: 'x64',
  frontend: null,
  keyId: '00ff',
  compression: 'zstd',
  sizeBytes: 3,
  unpackedBytes: 9,
  sha256: 'ab',
};

test('an image stands beside what it is, and is listed with it', async (t) => {
  const folder = join(await temporaryFolder(t), 'images');
  t.deepEqual(await listImages(folder), []);
  const path = await storeImage(folder, Buffer.from('abc'), facts);
  t.is(path, join(folder, 'agent-1.2.3-x64.img'));
  await storeImage(folder, Buffer.from('abcd'), { ...facts, architecture: 'arm64' });
  await writeFile(join(folder, 'agent-damaged.json'), '{');
  await writeFile(join(folder, 'agent-other.json'), '{"version":7}');
  const images = await listImages(folder);
  t.deepEqual(
    images.map((each) => [each.facts.architecture, each.sizeBytes]),
    [
      ['arm64', 4],
      ['x64', 3],
    ],
  );
  await rm(path);
  t.is((await listImages(folder))[1]?.sizeBytes, undefined);
});

test('what machines are sent is the same file, and the new one once there is one', async (t) => {
  const folder = await temporaryFolder(t);
  const served = join(folder, 'tftpboot/scree/agent.img');
  for (const text of ['one', 'two', 'two']) {
    const path = await storeImage(join(folder, 'images'), Buffer.from(text), facts);
    await serveImage(path, served);
    await serveImage(path, served);
    t.is(await readFile(served, 'utf8'), text);
    t.is((await stat(served)).ino, (await stat(path)).ino);
  }
  t.deepEqual(await readdir(join(folder, 'tftpboot/scree')), ['agent.img']);
});

test('an image that cannot be written is said so, and the old one stays', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await storeImage(folder, Buffer.from('old'), facts);
  await mkdir(join(folder, 'taken.img'));
  await t.throwsAsync(serveImage(path, join(folder, 'taken.img')), { code: 'not-written' });
  await t.throwsAsync(storeImage(join(path, 'below-a-file'), Buffer.from('new'), facts), {
    code: 'not-written',
    message: /expected to write .*, got .*; make room/,
  });
  t.is(await readFile(path, 'utf8'), 'old');
});
