import { ScreeError } from '../runtime/errors.ts';

export class TrackerError extends ScreeError<'bad-network' | 'bad-address' | 'cannot-listen'> {}
