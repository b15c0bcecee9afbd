import test from 'ava';
import { renderGenerations } from '../../src/cli/tree-text.ts';

const summary = {
  generation: 1,
  createdAt: '2024-03-05T12:00:00.000Z',
  infohash: 'ab'.repeat(20),
  fileCount: 3,
  linkCount: 0,
  totalBytes: 3_000,
  pieceLengthBytes: 65_536,
  source: { kind: 'folder', path: '/srv/mirror' },
} as const;

const kept = [
  ['link', 0, 'as hard links'],
  ['link', 1, 'as hard links, but for 1 file read in place, in /srv/mirror'],
  ['link', 3, 'nothing; read in place, in /srv/mirror'],
  ['copy', 0, 'as copies'],
  ['none', 3, 'nothing; read in place, in /srv/mirror'],
] as const;
for (const [keep, inPlaceCount, text] of kept) {
  test(`with keep ${keep}, ${inPlaceCount} of 3 files in place: kept ${text}`, (t) => {
    const shown = renderGenerations('lab', [{ ...summary, keep, inPlaceCount }]);
    t.is(
      shown.split('\n').find((line) => line.includes('kept')),
      `  kept      ${text}`,
    );
  });
}
