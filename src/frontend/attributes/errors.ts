import { ScreeError } from '../../runtime/errors.ts';

export class AttributeError extends ScreeError<
  | 'bad-name'
  | 'bad-value'
  | 'bad-scope'
  | 'built-in'
  | 'not-set'
  | 'seen-secret'
  | 'no-secret'
  | 'not-as-declared'
> {}
