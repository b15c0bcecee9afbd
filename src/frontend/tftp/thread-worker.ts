import { isDeepStrictEqual } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../runtime/errors.ts';
import { createPolledSockets } from './polled-sockets.ts';
import { startTftpServer, type TftpServer, type TftpServerConfig } from './server.ts';
import type { FromThread, TftpCounts, ToThread } from './thread-messages.ts';
import { createQuestions } from './thread-questions.ts';

/** A thread that does nothing but TFTP; files, log and events are the main thread's. */
const config: TftpServerConfig = workerData;
const countsEveryMs = 100;

const post = (message: FromThread): void => parentPort?.postMessage(message);
const questions = createQuestions((id, question) => post({ kind: 'question', id, question }));
const sockets = createPolledSockets(questions.isAnswerNear);
let server: TftpServer | undefined;
let told: TftpCounts | undefined;

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'answer') questions.answered(message.id, message.answer);
  else void stop();
});

try {
  server = await startTftpServer(
    {
      log: { warn: (event, fields = {}) => post({ kind: 'warning', event, fields }) },
      open: questions.open,
      onEvent: (event) => post({ kind: 'event', event }),
      openSocket: sockets.open,
    },
    config,
  );
  setInterval(tellCounts, countsEveryMs).unref();
  post({ kind: 'listening', host: server.host, port: server.port });
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  post({ kind: 'not-listening', message: messageOf(error), code });
}

function tellCounts(): void {
  const counts = server?.counts();
  if (counts === undefined || isDeepStrictEqual(counts, told)) return;
  told = counts;
  post({ kind: 'counts', counts });
}

async function stop(): Promise<void> {
  await server?.close();
  sockets.close();
  tellCounts();
  post({ kind: 'stopped' });
}
