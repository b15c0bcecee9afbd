import { Worker } from 'node:worker_threads';
import type { TftpServer, TftpServerConfig, TftpServerDeps } from './server.ts';
import { createAnswers } from './thread-answers.ts';
import type { FromThread, TftpCounts, ToThread } from './thread-messages.ts';

const worker = new URL('./thread-worker.ts', import.meta.url);

/**
 * `startTftpServer` in a thread of its own, with sockets that it waits for itself. Counts are a tenth
 * of a second old. Rejects as bind does.
 */
export async function startTftpThread(
  deps: Pick<TftpServerDeps, 'log' | 'open' | 'onEvent'>,
  config: TftpServerConfig,
): Promise<TftpServer> {
  const thread = new Worker(worker, { workerData: config });
  const answers = createAnswers(deps.open);
  const listening = Promise.withResolvers<{ readonly host: string; readonly port: number }>();
  const stopped = Promise.withResolvers<void>();
  let counts: TftpCounts = {
    transfers: 0,
    drops: { malformed: 0, unexpected: 0, repeated: 0, busy: 0 },
  };
  const post = (message: ToThread): void => thread.postMessage(message);
  thread.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'listening':
        return listening.resolve(message);
      case 'not-listening':
        return listening.reject(errorOf(message));
      case 'question':
        return void answers
          .to(message.question)
          .then((answer) => post({ kind: 'answer', id: message.id, answer }));
      case 'event':
        return deps.onEvent(message.event);
      case 'counts':
        counts = message.counts;
        return;
      case 'warning':
        return deps.log.warn(message.event, message.fields);
      case 'stopped':
        return stopped.resolve();
    }
  });
  try {
    const { host, port } = await listening.promise;
    return { host, port, counts: () => counts, close };
  } catch (error) {
    await thread.terminate();
    throw error;
  }

  async function close(): Promise<void> {
    post({ kind: 'stop' });
    await stopped.promise;
    await thread.terminate();
    await answers.close();
  }
}

function errorOf({
  message,
  code,
}: {
  readonly message: string;
  readonly code: string | undefined;
}) {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
