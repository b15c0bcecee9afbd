import { renderFigures } from '../support/figure-table.ts';
import { renderVerdicts } from '../support/verdicts.ts';
import { type Case, columns, summarize } from './figures.ts';
import { judgeGoals } from './goals.ts';

const nameHead = ['installer', 'system', 'nodes', 'Mbit/s', 'limit s'];

export function renderMedians(cases: readonly Case[]): string {
  const rows = summarize(cases).map(({ of, figures }) => ({ names: namesOf(of), figures }));
  return renderFigures(nameHead, columns, rows);
}

/** Every run that did not fail, those that were repeated too. */
export function renderRuns(cases: readonly Case[]): string {
  const rows = cases.flatMap((of) =>
    of.runs.flatMap((run) => {
      if (run.kind === 'failed') return [];
      const notes = [run.busy ? 'busy' : '', run.replaced ? 'repeated' : ''];
      return [{ names: namesOf(of), figures: run.figures, note: notes.filter(Boolean).join(', ') }];
    }),
  );
  return renderFigures(nameHead, columns, rows);
}

export function renderFailures(cases: readonly Case[]): string {
  const lines = cases.flatMap(({ client, system, nodes, runs }) =>
    runs.flatMap((run) =>
      run.kind === 'failed' ? [`- ${client}, ${system}, ${nodes} nodes: ${run.reason}`] : [],
    ),
  );
  return lines.join('\n');
}

export function renderGoals(cases: readonly Case[]): string {
  return renderVerdicts(judgeGoals(cases));
}

function namesOf({ client, system, nodes, rateBitsPerSecond, limitSeconds }: Case): string[] {
  const isOnLinks = system !== 'local';
  const rate = isOnLinks ? String(rateBitsPerSecond / 1e6) : '–';
  return [client, system, String(nodes), rate, isOnLinks ? limitSeconds.toFixed(1) : '–'];
}
