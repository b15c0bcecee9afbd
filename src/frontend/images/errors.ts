import { ScreeError } from '../../runtime/errors.ts';

/** What keeps an image for ramdisks from being made. */
export class ImageError extends ScreeError<
  | 'no-runtime' // Node for that processor is not installed
  | 'no-library' // a library that Node needs is not on this machine
  | 'bad-binary' // not a program of that processor
  | 'bad-entry' // a path that an archive for a ramdisk must not hold
  | 'not-bundled' // the agent could not be made one file
  | 'not-compressed' // the program that compresses is missing or failed
  | 'not-written' // the image could not be put into its folder
> {}
