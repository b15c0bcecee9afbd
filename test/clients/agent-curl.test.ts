import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { bytesOf, digestOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { eventually, startTestAgent } from '../support/test-agent.ts';

const run = promisify(execFile);
const names = Array.from({ length: 120 }, (_, at) => `pool/p${at}.rpm`);
const tree = makeSmallTree({
  keys: makeKeys(),
  files: {
    ...Object.fromEntries(names.map((name, at) => [name, bytesOf(name, 100 + at * 500)])),
    'big.iso': bytesOf('big', 5_000_001),
    'pool/libstdc++6 ä.deb': bytesOf('c++', 30_000),
    empty: '',
  },
});
const big = tree.files.get('big.iso') ?? Buffer.alloc(0);

test('curl fetches a file, with its time, and not again while it is the same', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const folder = await makeFolder(t);
  const file = join(folder, 'big.iso');
  await curl('-R', '-o', file, `${base}/install/lab/big.iso`);
  t.true(big.equals(await readFile(file)));
  const mtimeMs = tree.manifest.files.find(({ path }) => path === 'big.iso')?.mtimeMs;
  t.true((await stat(file)).mtimeMs === mtimeMs);
  const again = await curl('-z', file, '-w', '%{http_code}', `${base}/install/lab/big.iso`);
  t.is(again, '304');
  await utimes(file, 1_000_000, 1_000_000);
  const older = ['-z', file, '-o', '/dev/null', '-w', '%{http_code} %{size_download}'];
  t.is(await curl(...older, `${base}/install/lab/big.iso`), '200 5000001');
});

test('curl compares entity tags', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const folder = await makeFolder(t);
  const tag = join(folder, 'tag');
  const url = `${base}/install/lab/big.iso`;
  await curl('--etag-save', tag, '-o', join(folder, 'x'), url);
  const code = ['--etag-compare', tag, '-o', '/dev/null', '-w', '%{http_code}'];
  t.is(await curl(...code, url), '304');
});

test('curl resumes what was cut', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const file = join(await makeFolder(t), 'big.iso');
  await writeFile(file, big.subarray(0, 1_234_567));
  await curl('-C', '-', '-o', file, `${base}/install/lab/big.iso`);
  t.true(big.equals(await readFile(file)));
});

test('curl gets single ranges and several at once', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const url = `${base}/install/lab/big.iso`;
  const ranges = new Map([
    ['0-99', big.subarray(0, 100)],
    ['4999990-', big.subarray(4_999_990)],
    ['-10', big.subarray(-10)],
  ]);
  for (const [range, bytes] of ranges) {
    t.is(await curl('-r', range, url), bytes.toString('latin1'), range);
  }
  const both = await curl('-i', '-r', '0-99,200-299', url);
  t.regex(both, /^HTTP\/1\.1 206 /);
  t.regex(both, /content-type: multipart\/byteranges; boundary=/i);
  const length = Number(/content-length: (\d+)/i.exec(both)?.[1]);
  const body = both.slice(both.indexOf('\r\n\r\n') + 4);
  t.is(body.length, length);
  t.true(
    body.includes(`content-range: bytes 0-99/5000001\r\n\r\n${big.toString('latin1', 0, 100)}`),
  );
  t.true(body.includes(`bytes 200-299/5000001\r\n\r\n${big.toString('latin1', 200, 300)}`));
  t.is(await curl('-o', '/dev/null', '-w', '%{http_code}', '-r', '9000000-', url), '416');
});

test('curl sees the same headers for HEAD as for GET', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  for (const path of ['big.iso', 'empty', 'none']) {
    const url = `${base}/install/lab/${path}`;
    const head = await curl('-I', url);
    const get = await curl('-s', '-D', '-', '-o', '/dev/null', url);
    t.is(withoutDate(head), withoutDate(get), path);
  }
});

test('curl fetches a hundred files in parallel', async (t) => {
  const { base, agent } = await startTestAgent(t, [tree]);
  const folder = await makeFolder(t);
  const urls = names.map((name) => `${base}/install/lab/${name}`);
  await curl(
    '--parallel',
    '--parallel-max',
    '50',
    '--remote-name-all',
    '--output-dir',
    folder,
    ...urls,
  );
  t.is((await readdir(folder)).length, names.length);
  for (const name of names) {
    const fetched = await readFile(join(folder, name.slice('pool/'.length)));
    t.is(digestOf(fetched), digestOf(tree.files.get(name)));
  }
  await eventually(t, () => agent.status().requestsInFlight === 0, 'no request in flight');
});

test('curl uses one connection for many files', async (t) => {
  const { base } = await startTestAgent(t, [tree]);
  const each = names.slice(0, 30).map((name) => `${base}/install/lab/${name}`);
  const output = each.flatMap((url) => ['-o', '/dev/null', url]);
  const connects = await curl('-w', '%{num_connects} ', ...output);
  t.is(connects.trim(), ['1', ...each.slice(1).map(() => '0')].join(' '));
});

test('curl with the agent as its proxy reaches the frontend and nothing else', async (t) => {
  const { base, origin } = await startTestAgent(t, [tree]);
  const proxy = ['-x', base, '-o', '/dev/null', '-w', '%{http_code} %{size_download}'];
  t.is(await curl(...proxy, `${origin.url.origin}/install/lab/big.iso`), '200 5000001');
  t.regex(await curl(...proxy, 'http://10.99.99.99/install/lab/big.iso'), /^403 /);
  await t.throwsAsync(curl(...proxy, '-p', `${origin.url.origin}/install/lab/big.iso`));
});

test('curl speaks HTTP/1.0, odd paths and uploads', async (t) => {
  const { base } = await startTestAgent(t, [tree], {
    prepare: ({ scripts }) =>
      scripts.set('/echo', (request, response) => void request.pipe(response)),
  });
  t.is(await curl('-0', `${base}/install/lab/big.iso`), big.toString('latin1'));
  const odd = tree.files.get('pool/libstdc++6 ä.deb')?.toString('latin1') ?? '';
  t.is(await curl(`${base}/install/lab/pool/libstdc++6%20ä.deb`), odd);
  t.is(await curl('--path-as-is', `${base}//install/lab//pool/libstdc%2b%2B6%20%c3%a4.deb`), odd);
  t.is(await curl(`${base}/install/lab/empty`), '');
  const upload = join(await makeFolder(t), 'upload');
  await writeFile(upload, big);
  t.is(await curl('--data-binary', `@${upload}`, `${base}/echo`), big.toString('latin1'));
  t.is(await curl('-T', upload, `${base}/echo`), big.toString('latin1'));
});

async function curl(...args: readonly string[]): Promise<string> {
  const options = { encoding: 'latin1', maxBuffer: 64 * 2 ** 20 } as const;
  const { stdout } = await run('curl', ['-sS', '--max-time', '60', '--noproxy', '', ...args], {
    ...options,
    env: { PATH: process.env.PATH },
  });
  return stdout;
}

function withoutDate(headers: string): string {
  return headers.replace(/^date: .*\r\n/im, '');
}

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-curl-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}
