import { ScreeError } from '../../runtime/errors.ts';

export class DiscoverError extends ScreeError<
  'bad-order' | 'already-running' | 'no-dhcp' | 'not-running'
> {}
