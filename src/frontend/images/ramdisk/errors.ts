import { ScreeError } from '../../../runtime/errors.ts';

/** What keeps the ramdisk that installs machines from being made. */
export class RamdiskError extends ScreeError<
  | 'no-packages' // apt cannot be asked, or does not know a package or cannot fetch it
  | 'bad-package' // a package that cannot be unpacked, or lacks what is to come from it
  | 'no-kernel' // no package with one kernel and its modules
  | 'bad-module' // a kernel's module that cannot be read
> {}
