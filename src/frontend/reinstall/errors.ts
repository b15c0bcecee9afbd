import { ScreeError } from '../../runtime/errors.ts';

export class ReinstallError extends ScreeError<
  'bad-power' | 'not-ready' | 'not-running' | 'lost'
> {}

/** One machine could not be switched off and on. */
export class PowerError extends ScreeError<'not-switched'> {}
