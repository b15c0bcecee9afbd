import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/runtime/files.ts';
import { pictures } from './pictures.ts';
import { renderPicture } from './render.ts';
import { readResults } from './stored-results.ts';

// Draws docs/plots/ from the single runs that the benchmarks have stored.

const root = join(import.meta.dirname, '../..');
const results = readResults(join(root, 'bench/results'));
const folder = join(root, 'docs/plots');
await mkdir(folder, { recursive: true });
for (const picture of pictures) {
  const svg = renderPicture(picture, results);
  if (svg === undefined) continue;
  await writeFileAtomic(join(folder, `${picture.name}.svg`), svg);
  process.stdout.write(`docs/plots/${picture.name}.svg\n`);
}
