import test from 'ava';
import { TreeError } from '../../../src/frontend/trees/errors.ts';
import { copiesSizeBytes } from '../../../src/frontend/trees/keeper.ts';
import { explainNoRoom } from '../../../src/frontend/trees/no-room.ts';

const systemError = (code: string) => Object.assign(new Error(`${code}: write`), { code });
const need = { folder: '/state', neededBytes: 3 * 2 ** 20, advice: 'make room' };

test('a full disk is told with the folder, the bytes needed, and what to do', (t) => {
  for (const thrown of [
    systemError('ENOSPC'),
    new TreeError('not-writable', 'expected to write', { cause: systemError('ENOSPC') }),
  ]) {
    const error = explainNoRoom(thrown, need);
    t.like(error, { code: 'no-room', cause: thrown });
    t.is(
      error instanceof TreeError ? error.message : '',
      "expected room for 3.0 MiB in '/state', found its disk full; make room",
    );
  }
});

test('without a size none is told; a quota is told as one', (t) => {
  const error = explainNoRoom(systemError('EDQUOT'), { ...need, neededBytes: undefined });
  t.like(error, {
    message: "expected room in '/state', found the quota on its disk used up; make room",
  });
});

test('what was explained already, and other errors, stay as they are', (t) => {
  const explained = explainNoRoom(systemError('ENOSPC'), need);
  t.is(explainNoRoom(explained, { folder: '/', advice: '' }), explained);
  const other = new TreeError('not-kept', 'denied', { cause: systemError('EACCES') });
  t.is(explainNoRoom(other, need), other);
  t.is(explainNoRoom('a text', need), 'a text');
});

test('copies need room for each content once, but for those that are there', (t) => {
  const fileOf = (sha256: string, sizeBytes: number) => {
    const identity = { sizeBytes, mtimeNs: '1', ctimeNs: '1', ino: '1', dev: '1' };
    const path = `/source/${sha256}`;
    return { path, sizeBytes, mtimeMs: 0, sha256, location: { path, identity } };
  };
  const files = [fileOf('aa', 10), fileOf('bb', 200), fileOf('aa', 10), fileOf('cc', 3_000)];
  const [there] = files.slice(1).map(({ location }) => location.identity);
  t.is(copiesSizeBytes(files, new Map()), 3_210);
  t.is(
    copiesSizeBytes(files, there === undefined ? new Map() : new Map([['bb/bb', there]])),
    3_010,
  );
});
