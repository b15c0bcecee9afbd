// Whether the files of this image are what SHA256SUMS says, for ramdisks without sha256sum: ends
// with 0 or 1. Reads piece by piece, for machines with little memory.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import process from 'node:process';

const home = new URL('./', import.meta.url);
const lines = readFileSync(new URL('SHA256SUMS', home), 'utf8').trimEnd().split('\n');
process.exitCode = lines.every(isRight) ? 0 : 1;

function isRight(line) {
  const [sum, name] = line.split('  ');
  return hashFile(new URL(name, home)) === sum;
}

function hashFile(path) {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(2 ** 20);
  const file = openSync(path);
  for (let length = -1; length !== 0; ) {
    length = readSync(file, buffer);
    hash.update(buffer.subarray(0, length));
  }
  closeSync(file);
  return hash.digest('hex');
}
