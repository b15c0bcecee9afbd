import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { bytesOf, digestOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { shortLimits, startTestAgent } from '../support/test-agent.ts';

const run = promisify(execFile);
const tree = makeSmallTree({
  keys: makeKeys(),
  files: {
    'dists/stable/Release': bytesOf('release', 3_000),
    'pool/g++.deb': bytesOf('g++', 900_000),
    'pool/make.deb': bytesOf('make', 60_000),
  },
});
const file = tree.files.get('pool/g++.deb') ?? Buffer.alloc(0);

test('wget fetches files over one connection', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const folder = await makeFolder(t);
  const urls = [...tree.files.keys()].map((path) => `${base}/install/lab/${path}`);
  await wget('-P', folder, ...urls);
  for (const [path, content] of tree.files) {
    const fetched = await readFile(join(folder, path.replace(/^.*\//, '')));
    t.is(digestOf(fetched), digestOf(content));
  }
});

test('wget resumes, and leaves alone what is the same', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const folder = await makeFolder(t);
  const target = join(folder, 'g++.deb');
  await writeFile(target, file.subarray(0, 400_000));
  await wget('-c', '-P', folder, `${base}/install/lab/pool/g++.deb`);
  t.true(file.equals(await readFile(target)));
  const whole = await wget('-c', '-P', folder, `${base}/install/lab/pool/g++.deb`);
  t.regex(whole, /416|already fully retrieved/);
  const again = await wget('-N', '-P', folder, `${base}/install/lab/pool/g++.deb`);
  t.regex(again, /304 Not Modified/);
});

test('wget resumes by itself when the body breaks off', async (t) => {
  const { base, swarm, origin } = await startTestAgent(t, [tree], { limits: shortLimits });
  swarm.behaviour.failAfterBytes = 200_000;
  origin.scripts.set('/install/lab@1/pool/g%2B%2B.deb', (_request, response) => {
    response.writeHead(410);
    response.end();
  });
  const folder = await makeFolder(t);
  const log = await wget(
    '--tries=9',
    '--waitretry=0',
    '-P',
    folder,
    `${base}/install/lab/pool/g++.deb`,
  );
  t.regex(log, /206 Partial Content/);
  t.true(file.equals(await readFile(join(folder, 'g++.deb'))));
});

test('wget is told what is not there, as debootstrap asks', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const url = `${base}/install/lab/dists/testing/Release`;
  const error = await t.throwsAsync<Error & { stderr: string }>(wget('-O', '/dev/null', url));
  t.regex(error?.stderr ?? '', /404 Not Found/);
  t.regex(await wget('--spider', `${base}/install/lab/dists/stable/Release`), /200 OK/);
});

async function wget(...args: readonly string[]): Promise<string> {
  const { stderr } = await run('wget', ['--no-config', '--timeout=60', ...args], {
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  return stderr;
}

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-wget-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}
