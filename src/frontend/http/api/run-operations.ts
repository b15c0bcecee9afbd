import * as v from 'valibot';
import { NodesError } from '../../nodes/errors.ts';
import { runSchema, runSummarySchema } from '../../runs/documents.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';

const tag = 'installs';

/** The history of installs. */
export function runOperations({ runs }: ApiDeps): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: '/runs', id: 'listRuns', tag, scope: 'read' },
      summary:
        'Install runs, the latest first: machines that were installed at about the same time',
      answer: v.object({ runs: v.array(runSummarySchema) }),
      run: async () => ({ runs: await runs.list() }),
    }),
    defineOperation({
      ...{ method: 'GET', path: '/runs/{name}', id: 'showRun', tag, scope: 'read' },
      summary: 'One run by its id: each of its machines, and how it went over time',
      refusals: [404],
      answer: runSchema,
      run: async ({ name }) => {
        const run = await runs.read(name);
        if (run !== undefined) return run;
        const message = `expected the id of a run, got '${name.slice(0, 64)}'; see '/api/v1/runs'`;
        throw new NodesError('unknown', message);
      },
    }),
  ];
}
