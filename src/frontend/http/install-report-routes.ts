import type { ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { DatabaseError } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { HideSecrets } from '../attributes/hide-secrets.ts';
import type { Who } from '../boot/who.ts';
import type { InstallEnd, Installs } from '../installs/installs.ts';
import type { TokenHolder } from '../installs/token.ts';
import type { MachineNode } from '../nodes/types.ts';
import { readBodyEnds } from './read-body.ts';

export type InstallReportDeps = {
  readonly installs: Pick<Installs, 'holderOf' | 'ended' | 'askedAgain'>;
  readonly who: Who;
  readonly hideSecrets: HideSecrets;
  /**
   * True: ROCKS' old calls are believed by the caller's address alone: that its install has
   * succeeded, and that it wants to be installed anew.
   */
  readonly trustsAddress: boolean;
};

/** Of a longer log the first line and the last ones are taken. */
const logLimits = { headBytes: 4096, tailBytes: 64 * 1024 };

/**
 * What installing machines say at their end, each by the token of its install: `/installs/<token>/
 * success` and `…/failure` (`?reason=`, or the body's first line); the body is the log. Said twice,
 * it is the same.
 */
export function addInstallReportRoutes(router: Router, deps: InstallReportDeps): void {
  for (const kind of ['success', 'failure'] as const) {
    router.register(`/installs/:token/${kind}`, ['GET', 'POST'], async (context: Context) => {
      const holder = deps.installs.holderOf(String(context.params.token));
      if (holder.kind !== 'node') return refuseToken(context, holder);
      const end = await readEnd(context, deps, { kind, node: holder.node });
      answerNode(context, () => deps.installs.ended(holder.node, end));
    });
  }
}

async function readEnd(
  { req, querystring }: Context,
  { hideSecrets }: InstallReportDeps,
  { kind, node }: { readonly kind: InstallEnd['kind']; readonly node: MachineNode },
): Promise<InstallEnd> {
  const { head, tail } = await readBodyEnds(req, logLimits);
  const logText = hideSecrets(node, tail.toString('utf8'));
  if (kind === 'success') return { kind, logText };
  const given = new URLSearchParams(querystring).get('reason');
  const firstLine = head.toString('utf8').split('\n', 1)[0] ?? '';
  const reason = hideSecrets(node, given ?? firstLine);
  return { kind, reason, logText };
}

/** What becomes of a node; when that cannot be written down, it has to be said again. */
export function answerNode(context: Context, change: () => MachineNode): void {
  try {
    const { name, bootState } = change();
    sayText(context, 200, `${name}: ${bootState}`);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    context.app.emit('error', error, context);
    context.set('retry-after', '15');
    sayText(context, 503, messageOf(error));
  }
}

export function refuseToken(
  context: Context,
  holder: Exclude<TokenHolder, { kind: 'node' }>,
): void {
  const text =
    holder.kind === 'stale'
      ? `expected the token of the latest install of ${holder.node.name}, got an earlier one`
      : 'expected the token of an install, got none that is known';
  sayText(context, holder.kind === 'stale' ? 410 : 403, text);
}

export function sayText(
  context: Context,
  status: ServerResponse['statusCode'],
  text: string,
): void {
  context.status = status;
  context.type = 'text/plain';
  context.body = `${text}\n`;
}
