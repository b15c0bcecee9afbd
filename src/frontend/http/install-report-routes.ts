import type { IncomingMessage, ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { normalizeAddress } from '../../tracker/address.ts';
import type { HideSecrets } from '../attributes/hide-secrets.ts';
import type { Who } from '../boot/who.ts';
import type { InstallEnd, Installs } from '../installs/installs.ts';
import { readSetPxeboot } from '../installs/set-pxeboot.ts';
import type { TokenHolder } from '../installs/token.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { MachineNode } from '../nodes/types.ts';
import { readBody } from './read-body.ts';

export type InstallReportDeps = {
  readonly installs: Pick<Installs, 'holderOf' | 'ended'>;
  readonly nodes: Pick<NodeRecords, 'store'>;
  readonly who: Who;
  readonly hideSecrets: HideSecrets;
  /** True: the old end-of-install call is believed by the caller's address alone. */
  readonly trustsAddress: boolean;
};

const longestLogBytes = 1024 * 1024;

/**
 * What installing machines say at their end, each by the token of its install: `/installs/<token>/
 * success` and `…/failure` (`?reason=`, or the body's first line; the body is the log), and ROCKS'
 * `setPxeboot.cgi`. Said twice, it is the same.
 */
export function addInstallReportRoutes(router: Router, deps: InstallReportDeps): void {
  for (const kind of ['success', 'failure'] as const) {
    router.register(`/installs/:token/${kind}`, ['GET', 'POST'], async (context: Context) => {
      const holder = deps.installs.holderOf(String(context.params.token));
      if (holder.kind !== 'node') return refuseToken(context, holder);
      const end = kind === 'success' ? { kind } : await readFailure(context, deps, holder.node);
      answer(context, end === undefined ? undefined : deps.installs.ended(holder.node, end));
    });
  }
  const setPxeboot = (context: Context): void => {
    const asked = readSetPxeboot(new URLSearchParams(context.querystring));
    if (asked.kind === 'bad') return sayText(context, 400, asked.reason);
    const holder = holderOf(deps, context.req, asked.token);
    if (holder.kind !== 'node') return refuseToken(context, holder);
    const { name } = holder.node;
    if (asked.action === 'os') return answer(context, deps.installs.ended(holder.node, success));
    answer(context, deps.nodes.store.boot([name], 'install')[0]);
  };
  router.get(setPxebootPath, setPxeboot);
  router.post(setPxebootPath, setPxeboot);
}

const setPxebootPath = /^\/install\/+sbin\/+public\/+setPxeboot\.cgi$/;
const success = { kind: 'success' } as const;

function holderOf(
  { installs, trustsAddress, who }: InstallReportDeps,
  { socket }: IncomingMessage,
  token: string | undefined,
): TokenHolder {
  if (token !== undefined) return installs.holderOf(token);
  const address = normalizeAddress(socket.remoteAddress);
  const node = trustsAddress && address !== undefined ? who(address).node : undefined;
  return node === undefined ? { kind: 'unknown' } : { kind: 'node', node };
}

async function readFailure(
  { req, querystring }: Context,
  { hideSecrets }: InstallReportDeps,
  node: MachineNode,
): Promise<InstallEnd | undefined> {
  const body = await readBody(req, longestLogBytes);
  const logText = body === 'too-long' ? '' : hideSecrets(node, body.toString('utf8'));
  const given = new URLSearchParams(querystring).get('reason');
  const firstLine = logText.split('\n', 1)[0] ?? '';
  const reason = given === null ? firstLine : hideSecrets(node, given);
  return { kind: 'failure', reason, logText };
}

function answer(context: Context, node: MachineNode | undefined): void {
  if (node !== undefined) sayText(context, 200, `${node.name}: ${node.bootState}`);
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
