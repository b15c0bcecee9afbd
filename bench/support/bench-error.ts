import { ScreeError } from '../../src/runtime/errors.ts';

export class BenchError extends ScreeError<
  'usage' | 'missing-programs' | 'client-failed' | 'too-slow' | 'wrong-content'
> {}
