import { ScreeError } from '../runtime/errors.ts';
import type { BootPlan } from './boot-plan.ts';

/**
 * What may stand in the text that a loader reads. Each loader has a syntax of its own; a plan is
 * either such that all of it arrives as it is meant, or it is refused.
 */
export class BootTextError extends ScreeError<
  'bad-boot-path' | 'bad-arguments' | 'bad-label' | 'bad-base'
> {}

export type KernelPlan = Extract<BootPlan, { kind: 'kernel' }>;
export type WaitPlan = Extract<BootPlan, { kind: 'wait' }>;

/** After so long a loader that waits asks again. A thousand that wait ask 33 times a second. */
export const waitSeconds = 30;

/** A kernel plan taken apart: everything in it is safe in a line of any loader's file. */
export type CheckedPlan = {
  readonly label: string;
  readonly kernel: string;
  readonly initrds: readonly string[];
  /** The arguments; double quotes stand as they were given. */
  readonly words: readonly string[];
};

/** The longest command line that x86 kernels take, in characters. */
export const longestCommandLine = 2047;

const longestPath = 200;
/** Two lines of a screen; PXELINUX reads no line beyond some hundred characters. */
const longestLine = 240;

/** Throws BootTextError for a plan that no loader's file can hold. */
export function checkKernelPlan(plan: KernelPlan): CheckedPlan {
  const words = splitArguments(plan.args);
  const length = words.join(' ').length;
  if (length > longestCommandLine) {
    throw badArguments(`at most ${longestCommandLine} characters`, `${length}`);
  }
  return {
    label: checkLabel(plan.label),
    kernel: checkBootPath(plan.kernel),
    initrds: plan.initrds.map(checkBootPath),
    words,
  };
}

/**
 * The arguments of a kernel command line, as the kernel parts them: spaces, except between double
 * quotes. Throws BootTextError.
 */
export function splitArguments(args: string): readonly string[] {
  const odd = /[^\x20-\x7e]/.exec(args);
  if (odd !== null) throw badArguments('one line of ASCII', JSON.stringify(odd[0]));
  const quotes = args.split('"').length - 1;
  if (quotes % 2 === 1) throw badArguments('each double quote to be closed', `'${args}'`);
  return args.match(/(?:"[^"]*"|[^ "])+/g) ?? [];
}

/** Boot paths have letters that mean nothing to any loader. Throws BootTextError. */
export function checkBootPath(path: string): string {
  const parts = path.split('/');
  const isPlain = parts.every((part) => /^[\w.+~@-]+$/.test(part) && !/^\.\.?$/.test(part));
  if (isPlain && path.length <= longestPath && !path.startsWith('-')) return path;
  throw new BootTextError(
    'bad-boot-path',
    `expected a path such as debian/linux (letters, digits, . _ + ~ @ -; at most ${longestPath}), ` +
      `got '${path}'; rename the file`,
  );
}

/** What stands before each path: nothing, `/…/`, `::` or `http://host[:port]/…/`. */
export function checkBase(base: string): string {
  if (/^(?:|::|\/(?:[\w.-]+\/)*|https?:\/\/[\w.:[\]-]+\/(?:[\w.-]+\/)*)$/.test(base)) return base;
  throw new BootTextError('bad-base', `expected the beginning of a URL or path, got '${base}'`);
}

/** A line that every loader shows as it is: none reads anything in it as its own. */
export function plainText(text: string): string {
  const line = text.replaceAll(/["'`\\]/g, '').replaceAll(/[^\w .,:;/()@+=-]+/g, '?');
  return line.replaceAll(/ +/g, ' ').trim().slice(0, longestLine).trimEnd();
}

export function badArguments(expected: string, got: string): BootTextError {
  return new BootTextError(
    'bad-arguments',
    `expected ${expected} in the kernel's arguments, got ${got}; change the boot action`,
  );
}

function checkLabel(label: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,62}$/.test(label)) return label;
  throw new BootTextError(
    'bad-label',
    `expected a label of letters, digits, '.', '_' and '-' (at most 63), got '${label}'`,
  );
}
