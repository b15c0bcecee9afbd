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
    sentBootBytes: 0,
    fallbacksRunning: 0,
    fallbacksRefused: 0,
  });
});

const bootFigures = {
  dhcp: { dropped: { malformed: 3, 'unknown-machine': 2 } },
  tftp: {
    transfersRunning: 1,
    transfersEnded: { complete: 4, lost: 1 },
    sentBytes: 77,
    dropped: { malformed: 5, unexpected: 0, repeated: 0, busy: 0 },
  },
};

test('what DHCP and TFTP count stands there too, where they run', async (t) => {
  const { port } = await serveTrees(t, [], { bootFigures });
  const { frontend } = await json(port, '/stats.json');
  t.like(frontend, { ...bootFigures, sentBootBytes: 77 });
});

test('/metrics has the same figures for Prometheus', async (t) => {
  const { port } = await serveTrees(t, [], { bootFigures });
  const metrics = await ask(port, '/metrics');
  t.regex(metrics.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = String(metrics.body).split('\n');
  t.is(lines.pop(), '');
  for (const line of [
    '# TYPE scree_dhcp_dropped_total counter',
    'scree_dhcp_dropped_total{reason="malformed"} 3',
    'scree_dhcp_dropped_total{reason="unknown-machine"} 2',
    'scree_tftp_transfers_running 1',
    'scree_tftp_transfers_total{outcome="lost"} 1',
    'scree_tftp_dropped_total{reason="busy"} 0',
    'scree_sent_by_http_bytes_total 0',
    'scree_sent_boot_bytes_total 77',
  ]) {
    t.true(lines.includes(line), line);
  }
  const sample = /^scree_[a-z_]+(?:\{[a-z]+="[a-z_-]+"\})? \d+$/;
  const comment = /^# (?:HELP|TYPE) scree_[a-z_]+ \S.*$/;
  t.deepEqual(
    lines.filter((line) => !sample.test(line) && !comment.test(line)),
    [],
  );
});

test('a frontend without DHCP and TFTP has no figures of them', async (t) => {
  const { port } = await serveTrees(t, []);
  t.notRegex(String((await ask(port, '/metrics')).body), /dhcp|tftp/);
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
    const error = `expected a path of /api/v1/openapi.json, got GET ${path}`;
    t.deepEqual(JSON.parse(String(unknown.body)), { error });
  }
  t.is((await ask(port, '/favicon.ico')).status, 404);
});
