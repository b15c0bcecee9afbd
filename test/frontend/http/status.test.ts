import test, { type ExecutionContext } from 'ava';
import { ask } from './client.ts';
import { serveTrees, temporaryFolder, writeTree } from './fixture.ts';

async function serve(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const contents = { 'a.rpm': 'package' };
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents });
  return { tree, ...(await serveTrees(t, [tree])) };
}

const json = async (port: number, path: string) => JSON.parse(String((await ask(port, path)).body));

test('/healthz tells that all is well, and how many trees there are', async (t) => {
  const { port } = await serve(t);
  t.deepEqual(await json(port, '/healthz'), { ok: true, trees: 1, uptimeSeconds: 0 });
});

test("/stats.json has the tracker's figures and the frontend's own", async (t) => {
  const { port } = await serve(t);
  await ask(port, '/install/rocks/a.rpm');
  await ask(port, '/install/rocks/a.rpm', { headers: { range: 'bytes=1-3' } });
  const stats = await json(port, '/stats.json');
  t.is(stats.intervalSeconds, 30);
  t.deepEqual(stats.frontend, {
    sentToPeersBytes: 0,
    sentByHttpBytes: 10,
    fallbacksRunning: 0,
    fallbacksRefused: 0,
  });
});

test('/stats is a page', async (t) => {
  const { port } = await serve(t);
  const page = await ask(port, '/stats');
  t.is(page.status, 200);
  t.regex(page.headers['content-type'] ?? '', /^text\/html/);
});

test('/scrape is answered by the tracker', async (t) => {
  const { port } = await serve(t);
  t.regex(String((await ask(port, '/scrape')).body), /^d5:files/);
});

test('the trees are listed to operators, and reloaded for them', async (t) => {
  const { port, tree } = await serve(t);
  t.deepEqual(await json(port, '/api/v1/trees'), {
    trees: [
      {
        name: 'rocks',
        generation: 1,
        infohash: tree.metainfo.infohash,
        totalSize: 7,
        fileCount: 1,
        createdAt: '2024-03-05T12:00:00.000Z',
        changedFiles: [],
      },
    ],
    broken: [],
  });
  const reload = await ask(port, '/api/v1/trees/reload', { method: 'POST' });
  t.deepEqual(JSON.parse(String(reload.body)), { added: [], removed: [], broken: [] });
});

test('what can only be posted is answered 405, what does not exist 404', async (t) => {
  const { port } = await serve(t);
  const reply = await ask(port, '/api/v1/trees/reload');
  t.is(reply.status, 405);
  t.is(reply.headers.allow, 'POST');
  for (const path of ['/api', '/api/v1', '/api/v1/none', '/api/v2/trees']) {
    const unknown = await ask(port, path);
    t.is(unknown.status, 404);
    t.regex(unknown.headers['content-type'] ?? '', /^application\/json/);
    const calls = 'GET /api/v1/trees, POST /api/v1/trees/reload or /api/v1/nodes/…';
    const error = `expected ${calls}, got GET ${path}`;
    t.deepEqual(JSON.parse(String(unknown.body)), { error });
  }
  t.is((await ask(port, '/favicon.ico')).status, 404);
});
