import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { createBuiltFiles } from '../../../src/frontend/console/built-files.ts';
import { ask } from './client.ts';
import { serveTrees, temporaryFolder } from './fixture.ts';

const by = { who: 'local', scope: 'admin', address: undefined } as const;

test('the page is served at /, compressed, and lets nothing run but its own files', async (t) => {
  const { port } = await serveTrees(t, []);
  const page = await ask(port, '/', { headers: { 'accept-encoding': 'gzip' } });
  t.is(page.status, 200);
  t.is(page.headers['content-encoding'], 'gzip');
  const text = String(gunzipSync(page.body));
  t.regex(text, /<script type="module" src="\/console\/main\.js">/);
  t.notRegex(text, /<style|style=|<script>|onload/);
  const policy = String(page.headers['content-security-policy']);
  t.regex(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  t.regex(policy, /frame-ancestors 'none'/);
  t.notRegex(policy, /unsafe|\*/);
  t.is(page.headers['x-content-type-options'], 'nosniff');
  const script = await ask(port, '/console/main.js');
  t.is(script.headers['content-type'], 'text/javascript; charset=utf-8');
  t.is(script.headers['content-encoding'], undefined);
  t.is((await ask(port, '/console/main.js', { method: 'HEAD' })).body.length, 0);
});

test('what a browser has already is not sent again', async (t) => {
  const { port } = await serveTrees(t, []);
  const { headers } = await ask(port, '/console/main.css');
  const again = { 'if-none-match': String(headers.etag) };
  t.is((await ask(port, '/console/main.css', { headers: again })).status, 304);
  t.is(headers['cache-control'], 'no-cache');
});

test('nothing else in the folder, and nothing beside it, is served', async (t) => {
  const { port } = await serveTrees(t, []);
  for (const path of ['/console/', '/console/main.js.map', '/console/..%2f..%2fpackage.json']) {
    t.is((await ask(port, path)).status, 404, path);
  }
});

test('a console that was not built is told, and one that was built anew is served anew', async (t) => {
  const folder = join(await temporaryFolder(t), 'dist');
  const files = createBuiltFiles(folder);
  t.is(await files.find('index.html', false), undefined);
  await mkdir(folder);
  await writeFile(join(folder, 'index.html'), 'one');
  t.is(String((await files.find('index.html', false))?.bytes), 'one');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeFile(join(folder, 'index.html'), 'two');
  const packed = (await files.find('index.html', true))?.bytes ?? Buffer.alloc(0);
  t.is(String(gunzipSync(packed)), 'two');
  await writeFile(join(folder, 'secret'), '');
  t.is(await files.find('secret', false), undefined);
});

test('a token signs a browser in; the cookie does what the token may, for the own page only', async (t) => {
  const { port, nodes } = await serveTrees(t, []);
  const { secret } = nodes.tokens.create(
    { name: 'ann', scope: 'boot', expiresInMs: undefined },
    by,
  );
  const wrong = await ask(port, '/console/sign-in', {
    ...{ method: 'POST', headers: { authorization: 'Bearer scree_wrong' } },
  });
  t.is(wrong.status, 401);
  t.is(wrong.headers['set-cookie'], undefined);
  const signedIn = await ask(port, '/console/sign-in', {
    ...{ method: 'POST', headers: { authorization: `Bearer ${secret}` } },
  });
  t.deepEqual(JSON.parse(String(signedIn.body)), { who: 'token:ann', scope: 'boot' });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  const host = `127.0.0.1:${port}`;
  const operator = await ask(port, '/api/v1/operator', { headers: { cookie, host } });
  t.deepEqual(JSON.parse(String(operator.body)), { who: 'token:ann', scope: 'boot' });
  nodes.store.add({ name: 'compute-0-0', macs: ['52:54:00:00:00:01'] });
  const body = '{"selection":["all"],"action":"install"}';
  const order = async (origin: string) => {
    const headers = { cookie, host, origin, 'content-type': 'application/json' };
    const length = { 'content-length': String(body.length) };
    return ask(port, '/api/v1/nodes/boot', {
      ...{ method: 'POST', headers: { ...headers, ...length }, body },
    });
  };
  t.is((await order('http://evil.example')).status, 403);
  t.is(nodes.store.byName('compute-0-0')?.bootState, 'os');
  t.is((await order(`http://${host}`)).status, 200);
  t.is(nodes.store.byName('compute-0-0')?.bootState, 'install');
  const out = await ask(port, '/console/sign-out', { method: 'POST', headers: { host } });
  t.is(out.status, 204);
  t.regex(String(out.headers['set-cookie']), /^scree-session=; Max-Age=0/);
  const foreign = { host, origin: 'http://evil.example' };
  t.is((await ask(port, '/console/sign-out', { method: 'POST', headers: foreign })).status, 403);
});
