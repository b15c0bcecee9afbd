import { ScreeError } from '../../runtime/errors.ts';

export class StoreError extends ScreeError<
  | 'unreadable' // what lay there cannot be had
  | 'unwritable' // the disk takes no more, or nothing
  | 'unusable' // the folder cannot be made or opened
  | 'in-use' // another agent has the folder, or the store is being moved
  | 'too-small' // less room than what is held takes
> {}
