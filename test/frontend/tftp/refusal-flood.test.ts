import { Worker } from 'node:worker_threads';
import test from 'ava';
import { encodeTftp } from '../../../src/protocol/tftp/packet.ts';
import { until } from '../../tracker/until.ts';
import { serveContents } from './fixture.ts';

/** Sends many write requests from another thread, then says so. */
const flooder = `
  const { createSocket } = require('node:dgram');
  const { workerData } = require('node:worker_threads');
  const socket = createSocket('udp4');
  let left = workerData.count;
  const burst = () => {
    for (let sent = 0; sent < 20 && left > 0; sent += 1, left -= 1) {
      socket.send(workerData.request, workerData.port, '127.0.0.1');
    }
    if (left > 0) return void setTimeout(burst, 1);
    setTimeout(() => {
      const done = new Int32Array(workerData.done);
      Atomics.store(done, 0, 1);
      Atomics.notify(done, 0);
    }, 2000);
  };
  socket.bind(0, '127.0.0.1', burst);
`;

test('a flood of refused requests does not pile up before a main thread that is busy', async (t) => {
  const server = await serveContents(t, {});
  const words = { path: 'upload', mode: 'octet', options: new Map<string, string>() };
  const request = encodeTftp({ kind: 'write', ...words });
  const done = new Int32Array(new SharedArrayBuffer(4));
  const count = 12_000;
  const workerData = { port: server.port, request, count, done: done.buffer };
  const worker = new Worker(flooder, { eval: true, workerData });
  // Busy: nothing that the thread says is heard meanwhile.
  t.is(Atomics.wait(done, 0, 0, 60_000), 'ok');
  await worker.terminate();
  await until('the refusals to be told', () => server.events.length || undefined);
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.true(server.events.length <= 4_096, `${server.events.length} told`);
  const told = server.events.length;
  const other = new Worker(flooder, { eval: true, workerData: { ...workerData, count: 1 } });
  await until('a later one to be told', () => server.events.length > told || undefined);
  await other.terminate();
});
