import { messageOf } from '../../runtime/errors.ts';
import type { TftpAnswer, TftpQuestion } from './thread-messages.ts';
import type { OpenTftpFile, TftpFile } from './types.ts';

/** Files that a thread reads by number. */
export type Answers = {
  /** Never rejects. */
  readonly to: (question: TftpQuestion) => Promise<TftpAnswer>;
  /** Closes what the thread has left open. */
  readonly close: () => Promise<void>;
};

export function createAnswers(open: OpenTftpFile): Answers {
  const files = new Map<number, TftpFile>();
  let lastFile = 0;
  let isClosed = false;

  async function answer(question: TftpQuestion): Promise<TftpAnswer> {
    if (question.ask === 'open') {
      const opened = await open({ address: question.address }, question.path);
      if ('kind' in opened) return { kind: 'opened', opened };
      if (isClosed) return giveBack(opened);
      lastFile += 1;
      files.set(lastFile, opened);
      const { sizeBytes, identity } = opened;
      return { kind: 'opened', opened: { file: lastFile, sizeBytes, identity } };
    }
    const file = files.get(question.file);
    if (file === undefined) throw new Error(`expected an open file, ${question.file} is none`);
    if (question.ask === 'read') {
      return { kind: 'bytes', bytes: await file.read(question.offsetBytes, question.lengthBytes) };
    }
    files.delete(question.file);
    return giveBack(file);
  }

  return {
    to: async (question) => {
      try {
        return await answer(question);
      } catch (error) {
        return { kind: 'failed', reason: messageOf(error) };
      }
    },
    close: async () => {
      const left = [...files.values()];
      files.clear();
      isClosed = true;
      await Promise.allSettled(left.map((file) => file.close()));
    },
  };
}

async function giveBack(file: TftpFile): Promise<TftpAnswer> {
  await file.close();
  return { kind: 'closed' };
}
