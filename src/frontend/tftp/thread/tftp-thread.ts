import { isIPv4 } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCodeOf, messageOf } from '../../../runtime/errors.ts';
import { silentLog } from '../../../runtime/log.ts';
import { UdpPump } from '../../../runtime/udp-pump.ts';
import { startTftpServer, type TftpServer } from '../server.ts';
import { type OpenTransferSocket, openTransferSocket } from '../transfer-socket.ts';
import type { OpenTftpFile, TftpFile, TftpRefusal, TftpTransferEvent } from '../types.ts';
import { readParts } from './read-parts.ts';
import type { FromThread, OpenedFile, ThreadData, ToThread } from './types.ts';

// The thread of startTftpThread: a TFTP server whose files are opened by the other thread.

const countsEveryMs = 50;
/** Requests that are refused cost their sender nothing; of a flood of them not all are told. */
const mostUnheardRefusals = 4_096;

type Waiting = {
  readonly resolve: (answer: TftpFile | TftpRefusal) => void;
  readonly reject: (error: Error) => void;
};

const port = parentPort;
if (port === null) throw new Error('expected to be started as a worker thread');
const waiting = new Map<number, Waiting>();
const pump = new UdpPump();
let lastId = 0;
let server: TftpServer | undefined;
let lastCounts = '';

port.on('message', (message: ToThread) => {
  if (message.kind === 'stop') void stop();
  else settle(message);
});
await start();

async function start(): Promise<void> {
  const { config, unheard } = workerData as ThreadData;
  const onEvent = createTeller(new Int32Array(unheard));
  const log = { ...silentLog, warn, with: () => log };
  try {
    server = await startTftpServer({ log, open, onEvent, openSocket }, config);
    setInterval(tellCounts, countsEveryMs).unref();
    say({ kind: 'ready', host: server.host, port: server.port });
  } catch (error) {
    say({ kind: 'not-ready', message: messageOf(error), code: errorCodeOf(error) });
  }
}

function createTeller(unheard: Int32Array): (event: TftpTransferEvent) => void {
  return (event) => {
    const isFlood = Atomics.load(unheard, 0) >= mostUnheardRefusals;
    if (event.outcome === 'refused' && isFlood) return;
    Atomics.add(unheard, 0, 1);
    say({ kind: 'event', event });
  };
}

async function stop(): Promise<void> {
  await server?.close();
  tellCounts();
  say({ kind: 'stopped' });
}

function open(...[client, path]: Parameters<OpenTftpFile>): ReturnType<OpenTftpFile> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    say({ kind: 'open', id, address: client.address, path });
  });
}

function settle(answer: Exclude<ToThread, { kind: 'stop' }>): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (answer.kind === 'opened') asked?.resolve(fileOf(answer.id, answer.file));
  else if (answer.kind === 'refused') asked?.resolve(answer.refusal);
  else asked?.reject(new Error(answer.message));
}

function fileOf(id: number, { sizeBytes, identity, parts }: OpenedFile): TftpFile {
  return {
    sizeBytes,
    identity,
    read: async (target, offsetBytes) => readParts(parts, target, offsetBytes),
    close: async () => say({ kind: 'close', id }),
  };
}

/** IPv6 has Node's own sockets: no firmware in reach speaks TFTP over it in numbers. */
function openSocket(...[ends, handlers]: Parameters<OpenTransferSocket>) {
  const { localAddress, client } = ends;
  if (!isIPv4(localAddress)) return openTransferSocket(ends, handlers);
  const gone = Object.assign(new Error('the port is closed'), { code: 'ECONNREFUSED' });
  const socket = pump.open(
    { localAddress, remote: client },
    { onMessage: handlers.onMessage, onRefused: () => handlers.onError(gone) },
  );
  return Promise.resolve({
    send: socket.send,
    sendWatched: socket.send,
    rest: () => pump.rest(),
    close: socket.close,
  });
}

function warn(message: string, fields: { readonly reason?: unknown } = {}): void {
  say({ kind: 'warning', message, reason: String(fields.reason ?? '') });
}

function tellCounts(): void {
  const counts = server?.counts();
  if (counts === undefined) return;
  const text = JSON.stringify(counts);
  if (text !== lastCounts) say({ kind: 'counts', counts });
  lastCounts = text;
}

function say(message: FromThread): void {
  port?.postMessage(message);
}
