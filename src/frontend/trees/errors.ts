import { ScreeError } from '../../runtime/errors.ts';

export class TreeError extends ScreeError<
  | 'no-such-tree'
  | 'bad-source'
  | 'unreadable'
  | 'empty'
  | 'changed'
  | 'busy'
  | 'broken'
  | 'bad-key'
  | 'not-writable'
  | 'hashing-failed'
  | 'not-kept'
  | 'no-room'
  | 'no-order'
> {}
