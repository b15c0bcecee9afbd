import { join } from 'node:path';
import test from 'ava';
import {
  checkImages,
  type ImagesFacts,
  lookAtImages,
} from '../../../src/frontend/doctor/images.ts';
import { type ImageFacts, storeImage } from '../../../src/frontend/images/image-store.ts';
import { readVersion } from '../../../src/frontend/images/main.ts';
import { openManifestKeys } from '../../../src/frontend/trees/keys.ts';
import { keyIdOf } from '../../../src/protocol/manifest.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const facts: ImageFacts = {
  version: '1.0.0',
  architecture: 'x64',
  frontend: null,
  keyId: 'aa',
  compression: 'zstd',
  sizeBytes: 3,
  unpackedBytes: 9,
  sha256: 'ab',
};
const good = { path: '/images/agent-1.0.0-x64.img', facts, sizeBytes: 3 };
const looked = (change: Partial<Extract<ImagesFacts, { kind: 'looked' }>>): ImagesFacts => ({
  kind: 'looked',
  images: [good],
  version: '1.0.0',
  keyId: 'aa',
  ...change,
});

test('an image of this version with this frontend’s key is as it should be', (t) => {
  t.deepEqual(checkImages(looked({})), [
    { check: 'agent image x64', level: 'ok', text: 'version 1.0.0, sent as scree/agent.img' },
  ]);
  t.deepEqual(checkImages(looked({ images: [] })), []);
});

test('an image that is older, has another key, or is not whole is to be made again', (t) => {
  const cases = [
    [looked({ version: '1.1.0' }), 'warning', /is of version 1\.0\.0, this is 1\.1\.0/],
    [looked({ keyId: 'bb' }), 'problem', /carries the key aa, trees are signed with bb/],
    [looked({ keyId: undefined }), 'problem', /signed with none yet/],
    [looked({ images: [{ ...good, sizeBytes: 2 }] }), 'problem', /has 2 bytes, not the 3/],
    [looked({ images: [{ ...good, sizeBytes: undefined }] }), 'problem', /has no bytes/],
  ] as const;
  for (const [given, level, text] of cases) {
    const [finding, ...others] = checkImages(given);
    t.deepEqual(others, []);
    t.is(finding?.level, level);
    t.regex(finding?.text ?? '', text);
    t.is(finding?.advice, 'scree image build --arch x64');
  }
});

test('of several versions this one counts, for each kind of processor', (t) => {
  const older = { ...good, facts: { ...facts, version: '0.9.0' } };
  const other = { ...good, facts: { ...facts, architecture: 'arm64' as const, version: '0.9.0' } };
  const findings = checkImages(looked({ images: [good, older, other] }));
  t.deepEqual(
    findings.map(({ check, level }) => `${level} ${check}`),
    ['ok agent image x64', 'warning agent image arm64'],
  );
});

test('images are looked at where they are written', async (t) => {
  const state = await temporaryFolder(t);
  t.deepEqual(checkImages(await lookAtImages(state)), []);
  const { publicKey } = await openManifestKeys(state);
  const version = await readVersion();
  const made = { ...facts, version, keyId: keyIdOf(publicKey) };
  await storeImage(join(state, 'images'), Buffer.from('abc'), made);
  const findings = checkImages(await lookAtImages(state));
  t.deepEqual(
    findings.map(({ level }) => level),
    ['ok'],
  );
});
