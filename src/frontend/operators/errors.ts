import { ScreeError } from '../../runtime/errors.ts';

export class OperatorError extends ScreeError<
  'bad-name' | 'bad-scope' | 'bad-expiry' | 'taken' | 'unknown' | 'too-many'
> {}
