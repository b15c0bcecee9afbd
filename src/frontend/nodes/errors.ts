import { ScreeError } from '../../runtime/errors.ts';

export class NodesError extends ScreeError<
  | 'bad-name'
  | 'bad-mac'
  | 'bad-uuid'
  | 'bad-address'
  | 'bad-role'
  | 'bad-place'
  | 'bad-class'
  | 'bad-option'
  | 'bad-action'
  | 'bad-selection'
  | 'bad-request'
  | 'bad-type'
  | 'too-long'
  | 'taken'
  | 'unknown'
  | 'nothing-selected'
  | 'nothing-to-undo'
  | 'not-running'
  | 'refused'
  | 'no-answer'
> {}
