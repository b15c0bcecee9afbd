import { ScreeError } from '../runtime/errors.ts';

/** What ends a demo early, in one line. */
export class DemoError extends ScreeError<
  | 'bad-tree'
  | 'no-memory'
  | 'child-died'
  | 'not-ready'
  | 'bad-answer'
  | 'wrong-bytes'
  | 'interrupted'
> {}
