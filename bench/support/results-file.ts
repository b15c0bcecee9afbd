import { readFile } from 'node:fs/promises';
import { hasErrorCode } from '../../src/runtime/errors.ts';
import { writeFileAtomic } from '../../src/runtime/files.ts';

const title = `# What the benchmarks measured

Written by the programs under bench/, a section for each command; running one again replaces its
section. What the columns mean is in bench/README.md.
`;

/** Puts a section (`## heading`, then `body`) into a results file, in place of its predecessor. */
export async function writeSection(path: string, heading: string, body: string): Promise<void> {
  await writeFileAtomic(path, replaceSection(await readExisting(path), heading, body));
}

/** The text of a results file with one section replaced, or added at its end. */
export function replaceSection(text: string, heading: string, body: string): string {
  const [head = '', ...sections] = (text === '' ? title : text).split(/^(?=## )/m);
  const section = `## ${heading}\n\n${body.trim()}\n`;
  const isSame = (each: string): boolean => each.split('\n')[0] === `## ${heading}`;
  const replaced = sections.map((each) => (isSame(each) ? section : each));
  const all = sections.some(isSame) ? replaced : [...replaced, section];
  return `${[head, ...all].map((part) => part.trim()).join('\n\n')}\n`;
}

async function readExisting(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
}
