import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { controlSocketPath } from '../../../src/frontend/control-socket.ts';
import { followInstalls } from '../../../src/frontend/reinstall/follow-installs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const news = `data: ${JSON.stringify({ nodes: [], removed: [] })}\n\n`;

async function beQuiet(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(news);
  for (let beat = 0; beat < 10; beat += 1) {
    await delay(100);
    response.write(': still here\n\n');
  }
  response.end();
}

test('a frontend that had nothing to tell for long, and then ends, is asked again', async (t) => {
  const state = await temporaryFolder(t);
  const server = createServer((_request, response) => void beQuiet(response));
  await once(server.listen(controlSocketPath(state)), 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const abort = new AbortController();
  const limits = { patienceMs: 500, pauseMs: 10 };
  let toldCount = 0;
  for await (const { isAll } of followInstalls({ state, signal: abort.signal, ...limits })) {
    t.true(isAll);
    toldCount += 1;
    if (toldCount === 2) abort.abort();
  }
  t.is(toldCount, 2);
});

test('a frontend that stays away is given up', async (t) => {
  const state = await temporaryFolder(t);
  const { signal } = new AbortController();
  const follow = followInstalls({ state, signal, patienceMs: 50, pauseMs: 10 });
  await t.throwsAsync(follow.next(), { code: 'lost', message: /no frontend that runs/ });
});
