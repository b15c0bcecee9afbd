import { ScreeError } from '../runtime/errors.ts';

/** What keeps the agent from answering a request. */
export class AgentError extends ScreeError<
  | 'unreachable' // the frontend cannot be connected to, or went away before it answered
  | 'stalled' // nothing came for too long
  | 'refused' // the frontend answered with a status that cannot be used
  | 'unverified' // bytes or documents that are not what was signed
  | 'cut' // less or more bytes came than were promised
  | 'not-listening' // the port for the installer cannot be opened
> {}

/** The status that tells an installer of this failure, as long as no header was sent. */
export function statusFor(thrown: unknown): 502 | 504 {
  const timedOut = thrown instanceof AgentError && /^(unreachable|stalled)$/.test(thrown.code);
  return timedOut ? 504 : 502;
}
