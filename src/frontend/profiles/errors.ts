import { ScreeError } from '../../runtime/errors.ts';
import type { ProfileProblem } from './types.ts';

/** `message` has one line per problem, each as `file:line: …`; `code` is that of the first. */
export class ProfileError extends ScreeError<
  | 'unreadable'
  | 'bad-profile'
  | 'unknown-profile'
  | 'unknown-fragment'
  | 'cycle'
  | 'bad-template'
  | 'missing-attribute'
  | 'wrong-type'
  | 'bad-value'
  | 'warning'
> {
  readonly problems: readonly ProfileProblem[];

  constructor(problems: readonly [ProfileProblem, ...ProfileProblem[]], cause?: unknown) {
    super(problems[0].code, problems.map(renderProblem).join('\n'), { cause });
    this.problems = problems;
  }
}

/** `profiles/fragments/disk.ks:3: …` */
export function renderProblem({ place, message }: ProfileProblem): string {
  return place === undefined ? message : `${place.file}:${place.line}: ${message}`;
}

/** Throws all of them, if there are any. */
export function throwProblems(problems: readonly ProfileProblem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ProfileError([first, ...rest]);
}
