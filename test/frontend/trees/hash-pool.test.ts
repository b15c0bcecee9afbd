import { createHash } from 'node:crypto';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { planHashing } from '../../../src/frontend/trees/hash-plan.ts';
import { hashInWorkers } from '../../../src/frontend/trees/hash-pool.ts';
import type { HashResult } from '../../../src/frontend/trees/task-hasher.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const pieceLengthBytes = 65_536;

/** What it takes to hash these contents, written to files. */
async function prepare(t: ExecutionContext, contents: readonly Buffer[]) {
  const folder = await temporaryFolder(t);
  const paths = contents.map((_, at) => join(folder, String(at)));
  for (const [at, content] of contents.entries()) await writeFile(paths[at] ?? '', content);
  const files = contents.map((content) => ({ sizeBytes: content.length, sha256: undefined }));
  const plan = planHashing({ files, pieceLengthBytes, knownPiece: () => undefined });
  const requests = plan.tasks.map((task) => ({
    task,
    sources: task.parts.map(({ at }) => ({ path: paths[at] ?? '', identity: undefined })),
  }));
  return { paths, plan, requests };
}

function sha1sOf(stream: Buffer): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < stream.length; at += pieceLengthBytes) {
    hashes.push(
      createHash('sha1')
        .update(stream.subarray(at, at + pieceLengthBytes))
        .digest(),
    );
  }
  return Buffer.concat(hashes);
}

for (const [what, sizes] of [
  ['one file long enough for the thread pool', [80_000_001]],
  ['long and short files', [30_000_000, 5, 17_000_001, 65_536, 70_000_000, 1]],
] as const) {
  test(`${what}: all hashes are right`, async (t) => {
    const contents = sizes.map((size, at) => Buffer.alloc(size, bytesOf(String(at), 10_007)));
    const { plan, requests } = await prepare(t, contents);
    const sha256s = new Map<number, string>();
    let progressBytes = 0;
    await hashInWorkers(requests, {
      pieceLengthBytes,
      onResult: (result) => {
        if (result.kind !== 'hashed') return t.fail(result.reason);
        plan.pieceHashes.set(result.pieceHashes, result.firstPiece * 20);
        for (const [at, sha256] of result.sha256s) sha256s.set(at, sha256);
      },
      onProgress: (bytes) => {
        progressBytes = bytes;
      },
    });
    t.true(plan.pieceHashes.equals(sha1sOf(Buffer.concat(contents))));
    for (const [at, content] of contents.entries()) {
      t.is(sha256s.get(at), createHash('sha256').update(content).digest('hex'));
    }
    t.true(progressBytes >= plan.bytesToHash);
  });
}

for (const [how, worker] of [
  ['exits', 'dies.ts'],
  ['throws', 'throws.ts'],
] as const) {
  test(`a thread that ${how} ends the hashing with an error`, async (t) => {
    const { requests } = await prepare(t, [Buffer.from('x'), Buffer.alloc(40_000_000)]);
    const hashing = hashInWorkers(requests, {
      pieceLengthBytes,
      onResult: () => {},
      worker: new URL(`./workers/${worker}`, import.meta.url),
    });
    await t.throwsAsync(hashing, { code: 'hashing-failed' });
  });
}

test('what is stopped before it begins does not begin', async (t) => {
  const { requests } = await prepare(t, [Buffer.from('x')]);
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  const hashing = hashInWorkers(requests, { pieceLengthBytes, onResult: () => t.fail(), signal });
  await t.throwsAsync(hashing, { is: reason });
});

test('a file that is gone, a link or a folder now is told as changed', async (t) => {
  const { paths, requests } = await prepare(t, [
    Buffer.alloc(20_000_000),
    Buffer.alloc(20_000_000),
  ]);
  const [first = '', second = ''] = paths;
  await rename(first, `${first}.away`);
  await symlink(`${first}.away`, first);
  await rename(second, `${second}.away`);
  await mkdir(second);
  const results: HashResult[] = [];
  await hashInWorkers(requests, {
    pieceLengthBytes,
    onResult: (result) => void results.push(result),
  });
  t.deepEqual(
    results.map(({ kind }) => kind),
    ['changed', 'changed'],
  );
});
