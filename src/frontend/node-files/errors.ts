import { messageOf, ScreeError } from '../../runtime/errors.ts';
import type { FileProblem } from './types.ts';

/** `message` has one line per problem, each as `file:line: …`. */
export class NodeFileError extends ScreeError<'unreadable' | 'unknown-format' | 'bad-file'> {}

const mostProblems = 20;
const byName = new Intl.Collator('en');

/** Throws NodeFileError `bad-file` with all of them, if there are any. */
export function throwProblems(problems: readonly FileProblem[]): void {
  if (problems.length === 0) return;
  const inOrder = problems.toSorted(
    (a, b) => byName.compare(a.place.file, b.place.file) || a.place.line - b.place.line,
  );
  const lines = inOrder.slice(0, mostProblems).map(renderProblem);
  const rest = problems.length - lines.length;
  const more = rest > 0 ? [`and ${rest} more problems`] : [];
  throw new NodeFileError('bad-file', [...lines, ...more].join('\n'));
}

function renderProblem({ place, message }: FileProblem): string {
  return `${place.file}:${place.line}: ${messageOf(message)}`;
}
