/**
 * The root of every error class here. Each area extends it with a union of string literals for
 * `code`. `message` is one line: what was expected, what came, what to do.
 */
export class ScreeError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

/** True for a Node system error with this code, such as `ENOENT`. */
export function hasErrorCode(thrown: unknown, ...codes: readonly string[]): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false;
  return typeof thrown.code === 'string' && codes.includes(thrown.code);
}

/** `ENOENT`, `EADDRINUSE` …, or the code of a ScreeError; undefined where there is none. */
export function errorCodeOf(thrown: unknown): string | undefined {
  const isCoded = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string';
  return isCoded ? String(thrown.code) : undefined;
}
