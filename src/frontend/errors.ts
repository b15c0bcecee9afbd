import { ScreeError } from '../runtime/errors.ts';

export class FrontendError extends ScreeError<
  'cannot-listen' | 'state-in-use' | 'bad-state' | 'bad-dhcp'
> {}
