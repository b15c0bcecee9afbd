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

/** Types of the options that benchmarks on racks have in common. */
export const commonTypes = {
  runs: { type: 'string', default: '3' },
  'wait-quiet': { type: 'string', default: '60' },
  'no-save': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export type CommonOptions = {
  readonly runs: number;
  /** Before each run, for a machine that is doing something else. */
  readonly waitQuietSeconds: number;
  readonly save: boolean;
  readonly json: boolean;
};

/** Throws BenchError `usage`. */
export function parseCommon(values: {
  readonly runs: string;
  readonly 'wait-quiet': string;
  readonly 'no-save': boolean;
  readonly json: boolean;
}): CommonOptions {
  return {
    runs: parseCount('--runs', values.runs, 100),
    waitQuietSeconds: Number(values['wait-quiet']) || 0,
    save: !values['no-save'],
    json: values.json,
  };
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
