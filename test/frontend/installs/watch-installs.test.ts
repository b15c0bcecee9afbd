import { once } from 'node:events';
import { createServer } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { watchInstalls } from '../../../src/frontend/installs/main.ts';

type Answer = readonly [status: number, code?: string];

/** Says how things are and ends; then answers with what is given, one after the other. */
async function serve(t: ExecutionContext, answers: readonly Answer[]) {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    const [status, code = 'x'] = answers[asked.length - 1] ?? [200];
    asked.push(headers.authorization);
    if (status !== 200) {
      return void response.writeHead(status).end(JSON.stringify({ error: `it is ${code}`, code }));
    }
    const news = JSON.stringify({ nowMs: 1, nodes: [], removed: [] });
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${news}\n\n`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { asked, place: { url: new URL(`http://127.0.0.1:${port}`), token: 'scree_a' } };
}

async function follow(t: ExecutionContext, answers: readonly Answer[]) {
  const { asked, place } = await serve(t, answers);
  const abort = new AbortController();
  const kinds: string[] = [];
  const watched = (async () => {
    for await (const { kind } of watchInstalls(place, ['a'], abort.signal)) {
      kinds.push(kind);
      // Too often: it would go on for ever.
      if (kinds.length > answers.length + 1) abort.abort();
    }
  })();
  return { asked, kinds, watched };
}

test('a token that was revoked while it was watched is not tried again and again', async (t) => {
  const { asked, kinds, watched } = await follow(t, [
    [429, 'too-many-attempts'],
    [401, 'bad-token'],
  ]);
  await t.throwsAsync(watched, { code: 'refused', message: 'it is bad-token' });
  t.deepEqual(kinds, ['news', 'away', 'away']);
  t.is(asked.length, 3);
});

test('a node that is not there any more ends the watch, a frontend that starts does not', async (t) => {
  const { kinds, watched } = await follow(t, [[503], [404, 'unknown']]);
  await t.throwsAsync(watched, { code: 'unknown', message: 'it is unknown' });
  t.deepEqual(kinds, ['news', 'away', 'away']);
});
