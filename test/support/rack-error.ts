import { ScreeError } from '../../src/runtime/errors.ts';

export class RackError extends ScreeError<
  'cannot-make' | 'command-failed' | 'ended-early' | 'timed-out'
> {}
