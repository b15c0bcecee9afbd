import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { startInstaller } from '../../src/simulator/pretend-installer.ts';

const never = new AbortController().signal;
const contents = new Map(
  ['a', 'b c', 'd+é', 'empty', 'f', 'g', 'h', 'i'].map((path, at) => [
    path,
    Buffer.alloc(path === 'empty' ? 0 : 1_000 + at, path),
  ]),
);
const files = [...contents].map(([path, content]) => ({
  path,
  size: content.length,
  mtimeMs: 0,
  sha256: createHash('sha256').update(content).digest('hex'),
}));

test('it fetches all files in order, four at a time, on four connections', async (t) => {
  const paths = [...contents.keys()];
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const proxy = await serve(t, (request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace('/install/tree/', '');
    asked.push(path);
    sockets.add(request.socket);
    held.push(() => {
      response.setHeader('content-length', contents.get(path)?.length ?? 0);
      response.end(contents.get(path));
    });
    // One answer for each question, once four are open: so each question is the only news.
    if (asked.length >= 4) held.shift()?.();
    if (asked.length === paths.length) for (const answer of held) answer();
  });
  const { done, progress } = startInstaller({ name: 'n', proxy, tree: 'tree', files }, never);
  await done;
  t.deepEqual(asked.slice(0, 4).toSorted(), paths.slice(0, 4).toSorted());
  t.deepEqual(asked.slice(4), paths.slice(4));
  t.is(sockets.size, 4);
  const sizeBytes = files.reduce((sum, file) => sum + file.size, 0);
  t.deepEqual(progress(), { files: files.length, sizeBytes });
});

test('a wrong byte, a wrong length and a failed answer are named with file and node', async (t) => {
  const content = Buffer.alloc(1_000, 'a');
  const answers: [RequestListener, RegExp, string][] = [
    [(_, response) => response.end(Buffer.alloc(1_000, 'x')), /SHA-256/, 'wrong-bytes'],
    [
      (_, response) => response.end(content.subarray(1)),
      /expected Content-Length 1000/,
      'wrong-bytes',
    ],
    [(_, response) => response.writeHead(503).end(), /expected status 200, got 503/, 'bad-answer'],
    [(_, response) => response.destroy(), /hang up|ECONNRESET/, 'bad-answer'],
  ];
  for (const [answer, message, code] of answers) {
    const proxy = await serve(t, answer);
    const plan = { name: 'compute-0-3', proxy, tree: 'tree', files: files.slice(0, 1) };
    const error = await t.throwsAsync(startInstaller(plan, never).done, { code, message });
    t.true(error?.message.startsWith(`compute-0-3: ${proxy}/install/tree/a: `));
  }
});

test('it ends when it is told to', async (t) => {
  const proxy = await serve(t, () => {});
  const stop = new AbortController();
  const { done } = startInstaller({ name: 'n', proxy, tree: 'tree', files }, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await t.throwsAsync(done, { code: 'bad-answer' });
});

async function serve(t: ExecutionContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
