import { ScreeError } from '../../runtime/errors.ts';

export class LeaseError extends ScreeError<'unreadable' | 'unwritable' | 'closed'> {}
