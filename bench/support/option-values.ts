import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf } from '../../src/runtime/errors.ts';
import { BenchError } from './bench-error.ts';

/** The values of options of these types. Throws BenchError `usage`. */
export function parseValues<const Types extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Types,
) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new BenchError('usage', messageOf(cause), { cause });
  }
}

/** Throws BenchError `usage` for anything but a whole number from 1 to `most`. */
export function parseCount(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new BenchError('usage', `expected ${option} of 1 to ${most}, got '${text}'`);
}

/** Throws BenchError `usage` for what is none of them. */
export function parseOneOf<Value extends string>(
  option: string,
  text: string,
  all: readonly Value[],
): Value {
  const found = all.find((each) => each === text);
  if (found !== undefined) return found;
  throw new BenchError('usage', `expected ${option} with some of ${all.join(', ')}, got '${text}'`);
}
