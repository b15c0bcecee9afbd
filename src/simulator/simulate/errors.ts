import { ScreeError } from '../../runtime/errors.ts';

/** What keeps a simulation from an answer, in one line. */
export class SimulateError extends ScreeError<'bad-options' | 'no-memory' | 'stuck'> {}
