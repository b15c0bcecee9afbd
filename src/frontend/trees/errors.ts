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
  | 'hashing-failed'
  | 'stopped'
> {}
