import type Router from '@koa/router';
import type { Context } from 'koa';
import { normalizeAddress } from '../../tracker/address.ts';
import { readSetPxeboot } from '../installs/set-pxeboot.ts';
import type { MachineNode } from '../nodes/types.ts';
import {
  answerNode,
  type InstallReportDeps,
  refuseToken,
  sayText,
} from './install-report-routes.ts';

const path = /^\/install\/+sbin\/+public\/+setPxeboot\.cgi$/;
const hint = "'scree node boot NAME install' installs a machine anew";

/**
 * ROCKS' `setPxeboot.cgi`. Action `os` is what `/installs/<token>/success` is; by the address alone
 * where addresses are trusted. Action `install` wipes a disk: a token, which is of one install and
 * may lie about in a log, never begins another. It is for machines that boot their disk, where
 * addresses are trusted and it is certain that the machine is at its own.
 */
export function addSetPxebootRoutes(router: Router, deps: InstallReportDeps): void {
  const answer = (context: Context): void => {
    const asked = readSetPxeboot(new URLSearchParams(context.querystring));
    if (asked.kind === 'bad') return sayText(context, 400, asked.reason);
    if (asked.action === 'install') return installAnew(context, deps, asked.token);
    if (asked.token === undefined) return endByAddress(context, deps);
    const holder = deps.installs.holderOf(asked.token);
    if (holder.kind !== 'node') return refuseToken(context, holder);
    end(context, deps, holder.node);
  };
  router.get(path, answer);
  router.post(path, answer);
}

function endByAddress(context: Context, deps: InstallReportDeps): void {
  const { node } = deps.who(addressOf(context));
  if (!deps.trustsAddress || node === undefined) {
    return refuseToken(context, { kind: 'unknown' });
  }
  end(context, deps, node);
}

function end(context: Context, { installs }: InstallReportDeps, node: MachineNode): void {
  answerNode(context, () => installs.ended(node, { kind: 'success', logText: '' }));
}

function installAnew(
  context: Context,
  { installs, trustsAddress, who }: InstallReportDeps,
  token: string | undefined,
): void {
  if (!trustsAddress) {
    const expected = token === undefined ? "'boot.trust-address: yes'" : 'no token for that';
    return sayText(context, 403, `expected ${expected}: no machine orders an install; ${hint}`);
  }
  const address = addressOf(context);
  const { node, isCertain } = who(address);
  if (node === undefined || !isCertain) {
    const expected = `expected a lease or the wire to tell which node is at ${address}`;
    return sayText(
      context,
      403,
      `${expected}, found ${node?.name ?? 'none'} by its address; ${hint}`,
    );
  }
  const { name, bootState } = node;
  if (bootState === 'os' || bootState === 'install') {
    return answerNode(context, () => installs.askedAgain(node, address));
  }
  sayText(
    context,
    409,
    `expected ${name} to boot its disk, its boot state is ${bootState}; ${hint}`,
  );
}

function addressOf({ req }: Context): string {
  return normalizeAddress(req.socket.remoteAddress) ?? '';
}
