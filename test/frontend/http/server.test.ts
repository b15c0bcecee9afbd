import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { sendText } from '../../../src/frontend/http/replies.ts';
import { createHttpServer, type HttpHandler } from '../../../src/frontend/http/server.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { ask } from './client.ts';

const listen = { host: '127.0.0.1', port: 0 };
const start = (handle: HttpHandler) => createHttpServer({ log: silentLog, handle }, listen);

test('a handler that fails costs its own connection, nothing else', async (t) => {
  const server = await start((request, response) => {
    if (request.url === '/bad') return Promise.reject(new Error('planned'));
    sendText(response, 200, 'fine');
    return Promise.resolve();
  });
  t.teardown(server.close);
  await t.throwsAsync(ask(server.port ?? 0, '/bad'), { message: /hang up|reset/ });
  t.is(String((await ask(server.port ?? 0, '/good')).body), 'fine\n');
});

test('one connection has one request answered at a time', async (t) => {
  let running = 0;
  let most = 0;
  const server = await start(async (_, response) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(5);
    running -= 1;
    sendText(response, 200, 'done');
  });
  t.teardown(server.close);
  const socket = connect(server.port ?? 0, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
  let answers = '';
  for await (const chunk of socket) {
    answers += chunk;
    if (answers.split('done').length > 20) break;
  }
  t.is(most, 1);
});

test('closing lets idle connections go at once and unfinished answers after a moment', async (t) => {
  const server = await start((_, response) => {
    response.write('the beginning');
    return Promise.resolve();
  });
  const idle = connect(server.port ?? 0, '127.0.0.1');
  const unfinished = connect(server.port ?? 0, '127.0.0.1');
  unfinished.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(unfinished, 'data');
  const ended = Promise.all([once(idle.resume(), 'close'), once(unfinished.resume(), 'close')]);
  const started = performance.now();
  await server.close();
  await ended;
  t.true(performance.now() - started < 4_000);
  await t.throwsAsync(ask(server.port ?? 0, '/'), { code: 'ECONNREFUSED' });
});

test('a port that is taken is an error of the start', async (t) => {
  const server = await start(() => Promise.resolve());
  t.teardown(server.close);
  const again = createHttpServer(
    { log: silentLog, handle: () => Promise.resolve() },
    { host: '127.0.0.1', port: server.port ?? 0 },
  );
  await t.throwsAsync(again, { code: 'EADDRINUSE' });
});
