import type Router from '@koa/router';
import type { Context } from 'koa';
import { type ProgressReport, progressReportSchema } from '../../protocol/install-progress.ts';
import { printable } from '../../runtime/printable.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import type { HideSecrets } from '../attributes/hide-secrets.ts';
import type { InstallsProgress } from '../installs/progress.ts';
import { readDocument } from '../nodes/documents.ts';
import { NodesError } from '../nodes/errors.ts';
import type { MachineNode } from '../nodes/types.ts';
import { refuseToken, sayText } from './install-report-routes.ts';
import { parseJson } from './node-body.ts';
import { readBody } from './read-body.ts';

const longestReportBytes = 32 * 1024;

export type ProgressDeps = {
  readonly progress: Pick<InstallsProgress, 'holderOf' | 'take'>;
  readonly hideSecrets: HideSecrets;
};

/** `POST /installs/<token>/progress`: how far the install is that the token is of. */
export function addProgressRoutes(router: Router, { progress, hideSecrets }: ProgressDeps): void {
  router.post('/installs/:token/progress', async (context: Context) => {
    const holder = progress.holderOf(String(context.params.token));
    if (holder.kind !== 'node') return refuseToken(context, holder);
    const body = await readBody(context.req, longestReportBytes);
    if (body === 'too-long') {
      return sayText(context, 413, `expected at most ${longestReportBytes} bytes, got more`);
    }
    const report = readReport(body);
    if ('reason' in report) return sayText(context, 400, report.reason);
    const address = normalizeAddress(context.req.socket.remoteAddress);
    const answer = progress.take(holder.node, shown(report, holder.node, hideSecrets), address);
    if (answer === 'over') {
      const text = `expected an install of ${holder.node.name} that goes on, its last has ended`;
      return sayText(context, 410, text);
    }
    context.set('cache-control', 'no-store');
    context.body = answer;
  });
}

/** The details are words of the installer, and all of it is shown on terminals. */
function shown(
  report: ProgressReport,
  node: MachineNode,
  hideSecrets: HideSecrets,
): ProgressReport {
  const phases = report.phases.map(({ detail, ...phase }) =>
    detail === undefined ? phase : { ...phase, detail: printable(hideSecrets(node, detail)) },
  );
  return {
    ...{ ...report, phases, run: printable(report.run) },
    agentVersion: printable(report.agentVersion),
    trees: report.trees.map(printable),
  };
}

function readReport(body: Buffer) {
  try {
    return readDocument(progressReportSchema, parseJson(body));
  } catch (error) {
    if (error instanceof NodesError) return { reason: error.message };
    throw error;
  }
}
