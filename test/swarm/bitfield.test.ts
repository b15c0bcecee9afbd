import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import {
  encodeBare,
  encodeBitfield,
  encodeHandshake,
} from '../../src/protocol/peer-wire/messages.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createSwarmHost } from '../../src/swarm/swarm-host.ts';
import { randomTorrent } from '../support/swarm-rack.ts';

test('a peer may say more than once what it has, as aria2 does', async (t) => {
  const { metainfo, source } = randomTorrent(20 * 65_536);
  const listen = { host: '127.0.0.1', port: 0 };
  const host = await createSwarmHost({ log: silentLog }, { listen, uploadBytesPerSecond: 0 });
  t.teardown(host.close);
  const seed = host.seed({ metainfo, source });
  const socket = connect({ ...listen, port: host.port });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  socket.resume();
  const say = (...messages: Buffer[]) => socket.write(Buffer.concat(messages));

  say(encodeHandshake(metainfo.infohash, Buffer.alloc(20, 'x')));
  say(encodeBitfield(Buffer.from([0b1000_0000, 0, 0])), encodeBare('interested'));
  say(encodeBitfield(Buffer.from([0b1100_0000, 0, 0])));
  await until(() => seed.status().peers[0]?.pieces === 2);
  t.deepEqual(seed.status().offenders, []);

  say(encodeBitfield(Buffer.from([0b1100_0000, 0, 0, 0])));
  await closed(socket);
  t.regex(seed.status().offenders[0]?.reason ?? '', /a bitfield that does not fit 20 pieces/);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}
