import { performance } from 'node:perf_hooks';
import type { TftpAnswer, TftpQuestion } from './thread-messages.ts';
import type { OpenTftpFile, TftpFile } from './types.ts';

type Of<Kind> = Extract<TftpAnswer, { readonly kind: Kind }>;

/** What a thread asks of the one that has the files. */
export type Questions = {
  readonly open: OpenTftpFile;
  readonly answered: (id: number, answer: TftpAnswer) => void;
  /** Whether an answer may come within milliseconds. */
  readonly isAnswerNear: () => boolean;
};

/** A file that is not in memory takes longer; then a turn more or less is nothing. */
const nearMs = 3;

export function createQuestions(post: (id: number, question: TftpQuestion) => void): Questions {
  const waiting = new Map<number, PromiseWithResolvers<TftpAnswer>>();
  let lastId = 0;
  let lastAskedAtMs = 0;

  async function ask<Kind extends TftpAnswer['kind']>(
    kind: Kind,
    question: TftpQuestion,
  ): Promise<Of<Kind>> {
    const asked = Promise.withResolvers<TftpAnswer>();
    lastId += 1;
    lastAskedAtMs = performance.now();
    waiting.set(lastId, asked);
    post(lastId, question);
    const answer = await asked.promise;
    if (isOf(answer, kind)) return answer;
    throw new Error(answer.kind === 'failed' ? answer.reason : `expected ${kind} for an answer`);
  }

  const fileOf = (file: number): Pick<TftpFile, 'read' | 'close'> => ({
    read: async (offsetBytes, lengthBytes) => {
      const { bytes } = await ask('bytes', { ask: 'read', file, offsetBytes, lengthBytes });
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    close: async () => {
      await ask('closed', { ask: 'close', file });
    },
  });

  return {
    open: async ({ address }, path) => {
      const { opened } = await ask('opened', { ask: 'open', address, path });
      if ('kind' in opened) return opened;
      const { file, sizeBytes, identity } = opened;
      return { sizeBytes, identity, ...fileOf(file) };
    },
    answered: (id, answer) => {
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    },
    isAnswerNear: () => waiting.size > 0 && performance.now() - lastAskedAtMs < nearMs,
  };
}

function isOf<Kind extends TftpAnswer['kind']>(answer: TftpAnswer, kind: Kind): answer is Of<Kind> {
  return answer.kind === kind;
}
