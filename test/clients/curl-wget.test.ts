import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { serveTrees, temporaryFolder, writeTree } from '../frontend/http/fixture.ts';

const run = promisify(execFile);
const image = randomBytes(2_000_000);

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const contents = { 'image.iso': image, 'a+b.rpm': 'package' };
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents });
  const { url } = await serveTrees(t, [tree]);
  const target = join(await temporaryFolder(t), 'download');
  const curl = async (...args: string[]) => (await run('curl', ['-sS', ...args])).stdout;
  return { target, curl, image: `${url}/install/rocks/image.iso`, tree: `${url}/install/rocks` };
}

test('curl fetches ranges', async (t) => {
  const { curl, target, image: url } = await setUp(t);
  for (const [range, expected] of [
    ['100-199', image.subarray(100, 200)],
    ['1999990-', image.subarray(1_999_990)],
    ['-10', image.subarray(-10)],
  ] as const) {
    t.is(await curl('-o', target, '-w', '%{http_code}', '-r', range, url), '206');
    t.true(expected.equals(await readFile(target)));
  }
});

test('curl -C - goes on with a download that broke off', async (t) => {
  const { curl, target, image: url } = await setUp(t);
  await writeFile(target, image.subarray(0, 1_234_567));
  t.is(
    await curl('-C', '-', '-o', target, '-w', '%{http_code} %{size_download}', url),
    '206 765433',
  );
  t.true(image.equals(await readFile(target)));
});

test('curl -z fetches only what is newer', async (t) => {
  const { curl, target, image: url } = await setUp(t);
  const status = (...args: string[]) => curl('-o', target, '-w', '%{http_code}', ...args, url);
  t.is(await status('-R'), '200');
  t.is(await status('-z', target), '304');
  t.is(await status('-z', 'Tue, 05 Mar 2024 10:20:29 GMT'), '200');
  t.is(await status('-z', 'Tue, 05 Mar 2030 10:20:29 GMT'), '304');
});

test('curl --etag-compare fetches only what is another', async (t) => {
  const { curl, target, image: url } = await setUp(t);
  const tag = `${target}.tag`;
  const status = (option: string) => curl('-o', target, '-w', '%{http_code}', option, tag, url);
  t.is(await status('--etag-save'), '200');
  t.is(await status('--etag-compare'), '304');
});

test('curl --path-as-is cannot leave the tree', async (t) => {
  const { curl, tree } = await setUp(t);
  for (const path of [
    '../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/etc/passwd',
  ]) {
    const answer = await curl('--path-as-is', '-w', ' %{http_code}', `${tree}/${path}`);
    t.regex(answer, / (400|404)$/);
    t.notRegex(answer, /root:/);
  }
});

test('curl fetches many files over one connection, and + and %2b are one path', async (t) => {
  const { curl, tree } = await setUp(t);
  const urls = [`${tree}/a+b.rpm`, `${tree}/a%2bb.rpm`, `${tree}//a%2Bb.rpm`];
  t.is(await curl(...urls, '-w', ' %{num_connects}\n'), 'package 1\npackage 0\npackage 0\n');
});

test('wget -c goes on with a download that broke off', async (t) => {
  const { target, image: url } = await setUp(t);
  await writeFile(target, image.subarray(0, 777_777));
  await run('wget', ['-q', '-c', '-O', target, url]);
  t.true(image.equals(await readFile(target)));
});

test('wget -N fetches a file once', async (t) => {
  const { target, image: url } = await setUp(t);
  const fetch = () => run('wget', ['-N', '-nv', '-P', `${target}s`, url]);
  t.regex((await fetch()).stderr, /image\.iso" \[1\]/);
  t.is((await fetch()).stderr, '');
});
