import { hasErrorCode } from '../../runtime/errors.ts';
import { formatBytes } from '../../runtime/units.ts';
import { TreeError } from './errors.ts';

export type RoomNeed = {
  /** Where it was to be written. */
  readonly folder: string;
  /** Undefined where that is not known. */
  readonly neededBytes?: number | undefined;
  readonly advice: string;
};

/** TreeError `no-room` for an error that a full disk has caused; any other as it is. */
export function explainNoRoom(thrown: unknown, { folder, neededBytes, advice }: RoomNeed): unknown {
  if (thrown instanceof TreeError && thrown.code === 'no-room') return thrown;
  const found = findFull(thrown);
  if (found === undefined) return thrown;
  const room = neededBytes === undefined ? 'room' : `room for ${formatBytes(neededBytes)}`;
  const message = `expected ${room} in '${folder}', found ${found}; ${advice}`;
  return new TreeError('no-room', message, { cause: thrown });
}

function findFull(thrown: unknown): string | undefined {
  if (hasErrorCode(thrown, 'ENOSPC')) return 'its disk full';
  if (hasErrorCode(thrown, 'EDQUOT')) return 'the quota on its disk used up';
  return thrown instanceof Error && thrown.cause !== undefined ? findFull(thrown.cause) : undefined;
}
