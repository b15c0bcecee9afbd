import { ScreeError } from '../../runtime/errors.ts';

export class IsoError extends ScreeError<'not-an-image' | 'malformed'> {}

export function malformed(expected: string, got: string): IsoError {
  return new IsoError(
    'malformed',
    `expected ${expected} in the image, got ${got}; copy the image again`,
  );
}
