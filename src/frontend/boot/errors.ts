import { ScreeError } from '../../runtime/errors.ts';

export class BootFilesError extends ScreeError<
  'package-missing' | 'nothing-to-boot' | 'bad-boot-source' | 'cannot-store' | 'bad-name'
> {}
