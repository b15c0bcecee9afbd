import { readFile } from 'node:fs/promises';
import { type Finding, ok, warning } from './finding.ts';
import type { Running } from './running.ts';

export type LimitsFacts = {
  /** How many files and sockets a frontend may have open; undefined: it cannot be told. */
  readonly openFilesLimit: number | undefined;
  /** The frontend's that runs, or that of one started as doctor was. */
  readonly isOfFrontend: boolean;
};

/** A thousand machines with a connection to seed, tracker and HTTP each, and the trees' files. */
const enoughOpenFiles = 4_096;

export async function lookAtLimits(running: Running): Promise<LimitsFacts> {
  const pid = running.kind === 'running' ? running.pid : undefined;
  const ofFrontend = pid === undefined ? undefined : await readOpenFilesLimit(String(pid));
  return {
    openFilesLimit: ofFrontend ?? (await readOpenFilesLimit('self')),
    isOfFrontend: ofFrontend !== undefined,
  };
}

export function checkLimits({ openFilesLimit, isOfFrontend }: LimitsFacts): readonly Finding[] {
  if (openFilesLimit === undefined) return [];
  const whose = isOfFrontend ? 'the frontend' : 'a frontend that is started from here';
  const count = openFilesLimit === Infinity ? 'any number of' : openFilesLimit;
  const text = `${whose} may have ${count} files and connections open`;
  if (openFilesLimit >= enoughOpenFiles) return [ok('open files', text)];
  const advice = `allow it ${enoughOpenFiles} or more: 'ulimit -n 65536' before it is started, or LimitNOFILE=65536 in its systemd unit`;
  return [warning('open files', `${text}: too few for a large rack`, advice)];
}

/** The hard limit: Node raises the other to it at its start. */
async function readOpenFilesLimit(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  if (hard === undefined) return undefined;
  return hard === 'unlimited' ? Infinity : Number(hard);
}
