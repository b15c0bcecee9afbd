import { ScreeError } from '../../runtime/errors.ts';

/** Why a file cannot be sent, or not further. */
export class TftpFileError extends ScreeError<'changed' | 'closed' | 'too-long'> {}
