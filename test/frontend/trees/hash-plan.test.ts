import test from 'ava';
import fc from 'fast-check';
import { planHashing } from '../../../src/frontend/trees/hash-plan.ts';
import { pieceCompositions } from '../../../src/frontend/trees/piece-composition.ts';

const mebibyte = 1024 * 1024;

const someFiles = fc.array(
  fc
    .record({ sizeBytes: fc.oneof(fc.nat(9), fc.nat(40 * mebibyte)), known: fc.boolean() })
    .map(({ sizeBytes, known }) => ({ sizeBytes, known })),
  { maxLength: 40, size: 'max' },
);
const input = fc.record({
  files: someFiles,
  pieceLengthBytes: fc.constantFrom(65_536, 4 * mebibyte),
});

test('every missing piece and every unknown file is read in exactly one task', (t) => {
  const property = fc.property(input, ({ files: shapes, pieceLengthBytes }) => {
    const files = shapes.map(({ sizeBytes, known }, at) => ({
      sizeBytes,
      sha256: known || sizeBytes === 0 ? String(at) : undefined,
    }));
    const knownPiece = (composition: string) =>
      composition.includes('7') ? new Uint8Array(20).fill(1) : undefined;
    const plan = planHashing({ files, pieceLengthBytes, knownPiece });
    const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const wanted = [...pieceCompositions(files, pieceLengthBytes)].flatMap((composition, piece) =>
      composition?.includes('7') ? [] : [piece],
    );
    const hashed = plan.tasks.flatMap((task) =>
      Array.from({ length: task.pieceCount }, (_, at) => task.firstPiece + at),
    );
    t.deepEqual(
      hashed.toSorted((a, b) => a - b),
      wanted,
    );
    const wholeFiles = plan.tasks.flatMap((task) => task.parts.filter((part) => part.wholeFile));
    t.deepEqual(
      wholeFiles.map((part) => part.at).toSorted((a, b) => a - b),
      files.flatMap((file, at) => (file.sha256 === undefined ? [at] : [])),
    );
    for (const part of wholeFiles) {
      t.is(part.startByte, 0);
      t.is(files[part.at]?.sizeBytes, part.endByte);
    }
    for (const task of plan.tasks) {
      const readBytes = task.parts.reduce((sum, part) => sum + part.endByte - part.startByte, 0);
      const piecesEnd = Math.min((task.firstPiece + task.pieceCount) * pieceLengthBytes, total);
      t.true(task.pieceCount === 0 || task.startByte + readBytes >= piecesEnd);
    }
  });
  t.notThrows(() => fc.assert(property));
});

test('little is read twice, and a large known file is shared between tasks', (t) => {
  const files = [
    { sizeBytes: 500 * mebibyte, sha256: 'known' },
    ...Array.from({ length: 2_000 }, () => ({ sizeBytes: 70_000, sha256: undefined })),
  ];
  const plan = planHashing({ files, pieceLengthBytes: 65_536, knownPiece: () => undefined });
  const readBytes = plan.tasks
    .flatMap((task) => task.parts)
    .reduce((sum, part) => sum + part.endByte - part.startByte, 0);
  t.true(plan.tasks.length > 30);
  t.true(readBytes < plan.bytesToHash * 1.01);
});

test('nothing is read when all pieces are known', (t) => {
  const files = [{ sizeBytes: 100_000, sha256: 'known' }];
  const knownPiece = () => new Uint8Array(20).fill(7);
  const plan = planHashing({ files, pieceLengthBytes: 65_536, knownPiece });
  t.deepEqual(plan.tasks, []);
  t.is(plan.bytesToHash, 0);
  t.deepEqual(plan.pieceHashes, Buffer.alloc(40, 7));
});
