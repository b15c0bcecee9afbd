import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { ask, sendRaw } from './client.ts';
import { serveTrees, temporaryFolder, writeTree } from './fixture.ts';

const large = randomBytes(3_000_000);
const contents = {
  'Packages/a-1.0+b~1.rpm': 'the package',
  'Packages/ü ä.txt': 'umlauts',
  'Packages/100%.cfg': 'percent',
  'Packages/a:b.txt': 'colon',
  'empty.txt': '',
  'large.iso': large,
  'notes.torrent': 'no torrent at all',
};
const links = [{ path: 'current', target: 'Packages' }];

async function serve(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const generation = await writeTree(folder, { tree: 'rocks', generation: 2, contents, links });
  return { folder, generation, ...(await serveTrees(t, [generation])) };
}

test('a file is served whole, with what later requests can be conditional on', async (t) => {
  const { port } = await serve(t);
  const reply = await ask(port, '/install/rocks/large.iso');
  const digest = createHash('sha256').update(large).digest('hex').slice(0, 32);
  t.is(reply.status, 200);
  t.true(large.equals(reply.body));
  t.is(reply.headers.etag, `"${digest}"`);
  t.is(reply.headers['last-modified'], 'Tue, 05 Mar 2024 10:20:30 GMT');
  t.is(reply.headers['content-length'], '3000000');
  t.is(reply.headers['accept-ranges'], 'bytes');
});

test('HEAD tells what GET would, without a body', async (t) => {
  const { port } = await serve(t);
  for (const path of ['/install/rocks/large.iso', '/install/trees.json', '/install/none/x']) {
    const head = await ask(port, path, { method: 'HEAD' });
    const get = await ask(port, path);
    t.is(head.status, get.status);
    t.is(head.body.length, 0);
    t.is(head.headers['content-length'], get.headers['content-length']);
    t.is(head.headers.etag, get.headers.etag);
  }
});

test('a range is served alone, and several are served as the whole', async (t) => {
  const { port } = await serve(t);
  const one = await ask(port, '/install/rocks/large.iso', {
    headers: { range: 'bytes=99-200098' },
  });
  t.is(one.status, 206);
  t.true(large.subarray(99, 200_099).equals(one.body));
  t.is(one.headers['content-range'], 'bytes 99-200098/3000000');
  const two = await ask(port, '/install/rocks/large.iso', { headers: { range: 'bytes=0-0,9-9' } });
  t.is(two.status, 200);
});

test('conditions are kept', async (t) => {
  const { port } = await serve(t);
  const path = '/install/rocks/large.iso';
  const { headers } = await ask(port, path, { method: 'HEAD' });
  const etag = headers.etag ?? '';
  const notModified = await ask(port, path, { headers: { 'if-none-match': etag } });
  t.is(notModified.status, 304);
  t.is(notModified.body.length, 0);
  const since = { 'if-modified-since': headers['last-modified'] ?? '' };
  t.is((await ask(port, path, { headers: since })).status, 304);
  t.is((await ask(port, path, { headers: { 'if-match': '"x"' } })).status, 412);
  t.is((await ask(port, path, { headers: { range: 'bytes=3000000-' } })).status, 416);
});

const spellings: readonly [string, string][] = [
  ['/install/rocks/Packages/a-1.0+b~1.rpm', 'the package'],
  ['/install/rocks/Packages/a-1.0%2Bb%7e1.rpm', 'the package'],
  ['/install/rocks/Packages/a-1.0%2bb~1.rpm?arch=x86_64', 'the package'],
  ['//install//rocks///Packages//a-1.0+b~1.rpm', 'the package'],
  ['/install/rocks@2/Packages/a-1.0+b~1.rpm', 'the package'],
  ['/install/rocks/current/a-1.0+b~1.rpm', 'the package'],
  ['http://elsewhere:99/install/rocks/Packages/a-1.0+b~1.rpm', 'the package'],
  ['/install/rocks/Packages/%C3%BC%20%c3%a4.txt', 'umlauts'],
  ['/install/rocks/Packages/100%25.cfg', 'percent'],
  ['/install/rocks/Packages/a:b.txt', 'colon'],
  ['/install/rocks/Packages/a%3Ab.txt', 'colon'],
  ['/install/rocks/empty.txt', ''],
  ['/install/rocks/notes.torrent', 'no torrent at all'],
];
for (const [target, body] of spellings) {
  test(`${target} is the file that it names`, async (t) => {
    const { port } = await serve(t);
    const reply = await ask(port, target);
    t.is(reply.status, 200);
    t.is(reply.body.toString(), body);
  });
}

test('what is no HTTP is answered 400', async (t) => {
  const { port } = await serve(t);
  for (const line of ['GET /install/rocks/ü HTTP/1.1', 'nonsense', 'GET / / HTTP/1.1']) {
    t.regex(await sendRaw(port, `${line}\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 400 /);
  }
  const long = `GET / HTTP/1.1\r\nHost: ${'x'.repeat(20_000)}\r\n\r\n`;
  t.regex(await sendRaw(port, long), /^HTTP\/1\.1 431 /);
});

const nothings: readonly [string, number][] = [
  ['/install', 404],
  ['/install/', 404],
  ['/install/rocks', 404],
  ['/install/rocks/', 404],
  ['/install/rocks/Packages', 404],
  ['/install/rocks/Packages/', 404],
  ['/install/rocks/none.rpm', 404],
  ['/install/rocks@1/large.iso', 404],
  ['/install/rocks@02/large.iso', 404],
  ['/install/other/large.iso', 404],
  ['/install/rocks@3.torrent', 404],
  ['/install/other.manifest.json', 404],
  ['/install/rocks/empty.txt.torrent', 404],
  ['/install/rocks/none.rpm.torrent', 404],
  ['/install/rocks/Packages.torrent', 404],
  ['/install/rocks/.torrent', 404],
  ['/install/rocks/secret.txt', 404],
  ['/install/rocks/out/secret.txt', 404],
  ['/install/rocks/../secret.txt', 400],
  ['/install/rocks/%2e%2e/secret.txt', 400],
  ['/install/rocks/..%2fsecret.txt', 400],
  ['/install/rocks/Packages/../large.iso', 400],
  ['/install/rocks/../secret.txt.torrent', 400],
  ['/install/../../etc/passwd', 404],
  ['/install/rocks/%00', 400],
  ['/install/rocks/%ff', 400],
  ['/install/rocks/%', 400],
  ['*', 400],
];
for (const [target, status] of nothings) {
  test(`${target} is answered ${status} in a short plain text`, async (t) => {
    const { port, folder } = await serve(t);
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await mkdir(join(folder, '..', 'scree-secret'), { recursive: true });
    await symlink('/etc', join(folder, 'out'));
    const reply = await ask(port, target);
    t.is(reply.status, status);
    t.regex(reply.headers['content-type'] ?? '', /^text\/plain/);
    t.true(reply.body.length < 400);
    t.false(reply.body.toString().includes('root:'));
  });
}

test('another method is answered 405 with those that are allowed', async (t) => {
  const { port } = await serve(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const reply = await ask(port, '/install/rocks/large.iso', { method });
    t.is(reply.status, 405);
    t.is(reply.headers.allow, 'HEAD, GET');
  }
  t.is((await ask(port, '/install/rocks/large.iso', { method: 'PROPFIND' })).status, 501);
});

test('trees.json lists the newest generation of each tree and the key', async (t) => {
  const folder = await temporaryFolder(t);
  const tree = (name: string, generation: number, text: string) =>
    writeTree(join(folder, `${name}${generation}`), {
      tree: name,
      generation,
      contents: { a: text },
    });
  const [first, second, other] = [
    await tree('rocks', 1, 'old'),
    await tree('rocks', 2, 'newer'),
    await tree('extras', 7, 'x'),
  ];
  const { port } = await serveTrees(t, [other, first, second]);
  const reply = await ask(port, '/install/trees.json');
  t.is(reply.headers['content-type'], 'application/json');
  t.deepEqual(JSON.parse(reply.body.toString()), {
    trees: [
      {
        name: 'extras',
        generation: 7,
        infohash: other.metainfo.infohash,
        totalSize: 1,
        fileCount: 1,
      },
      {
        name: 'rocks',
        generation: 2,
        infohash: second.metainfo.infohash,
        totalSize: 5,
        fileCount: 1,
      },
    ],
    publicKey: 'PEM',
  });
  t.is((await ask(port, '/install/rocks/a')).body.toString(), 'newer');
  t.is((await ask(port, '/install/rocks@1/a')).body.toString(), 'old');
});

test('a manifest is served as it was signed, smaller where gzip is understood', async (t) => {
  const { port, generation } = await serve(t);
  for (const path of ['/install/rocks.manifest.json', '/install/rocks@2.manifest.json']) {
    const plain = await ask(port, path);
    t.is(plain.body.toString(), generation.manifestText);
    t.is(plain.headers['content-encoding'], undefined);
    const zipped = await ask(port, path, { headers: { 'accept-encoding': 'gzip, br' } });
    t.is(zipped.headers['content-encoding'], 'gzip');
    t.is(zipped.headers.vary, 'accept-encoding');
    t.is(gunzipSync(zipped.body).toString(), generation.manifestText);
    t.not(zipped.headers.etag, plain.headers.etag);
    const again = { 'accept-encoding': 'gzip', 'if-none-match': zipped.headers.etag ?? '' };
    t.is((await ask(port, path, { headers: again })).status, 304);
    const unwanted = await ask(port, path, { headers: { 'accept-encoding': 'gzip;q=0' } });
    t.is(unwanted.headers['content-encoding'], undefined);
  }
});

test('a file that has changed is answered 500, by name and without a byte of it', async (t) => {
  const { port, folder } = await serve(t);
  await writeFile(join(folder, 'large.iso'), 'other');
  for (const headers of [{}, { range: 'bytes=0-9' }]) {
    const reply = await ask(port, '/install/rocks/large.iso', { headers });
    t.is(reply.status, 500);
    t.regex(reply.body.toString(), /'large\.iso' as it was added, found it changed/);
  }
  t.is((await ask(port, '/install/rocks/large.iso', { method: 'HEAD' })).status, 500);
  await rm(join(folder, 'Packages/a:b.txt'));
  t.is((await ask(port, '/install/rocks/Packages/a:b.txt')).status, 500);
});

test('a file that changes while it is sent ends in a short body', async (t) => {
  const folder = await temporaryFolder(t);
  // More than the buffers of both sockets take up.
  const image = Buffer.alloc(40_000_000);
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents: { image } });
  const { url } = await serveTrees(t, [tree]);
  const reader = (await fetch(`${url}/install/rocks/image`)).body?.getReader();
  const readAll = async () => {
    await reader?.read();
    await utimes(join(folder, 'image'), new Date(), new Date());
    while ((await reader?.read())?.done === false);
  };
  const error = await t.throwsAsync(readAll());
  t.is(error?.message, 'terminated');
});

test('who is of no configured network is refused, loopback is not', async (t) => {
  const folder = await temporaryFolder(t);
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents });
  const { port } = await serveTrees(t, [tree], { networks: ['10.99.0.0/16'] });
  t.is((await ask(port, '/install/trees.json')).status, 200);
});

test('any URL at all stays inside the tree and is never answered 500', async (t) => {
  const { port, folder } = await serve(t);
  await writeFile(join(folder, 'secret.txt'), 'secret');
  const word = fc.constantFrom(
    ...[
      'install',
      'rocks',
      'rocks@2',
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '/',
      '//',
      '%00',
      '%',
      '%zz',
      'sbin',
    ],
    ...[
      'Packages',
      'large.iso',
      'secret.txt',
      '.torrent',
      '.manifest.json',
      'trees.json',
      '@',
      '?',
      '#',
    ],
    ...[
      '[',
      '\\',
      ';',
      'http://',
      '%c3',
      '*',
      '~',
      '+',
      'healthz',
      'stats',
      'api/v1/trees',
      '|',
      '^',
    ],
  );
  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((c) => String.fromCharCode(c)),
  });
  const target = fc.array(fc.oneof(word, fc.constant('/'), visible), { maxLength: 12 });
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(target, fc.boolean(), async (parts, rooted) => {
        const line = (rooted ? '/install/rocks/' : '/') + parts.join('');
        const bytes = Buffer.from(
          `GET ${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
          'latin1',
        );
        const answer = await sendRaw(port, bytes);
        // 403: the API, asked by a name that is not this machine's.
        return /^HTTP\/1\.1 (200|400|403|404|503) /.test(answer) && !answer.endsWith('secret');
      }),
      { numRuns: 300, examples: [[['api/v1/trees'], false]] },
    ),
  );
});
