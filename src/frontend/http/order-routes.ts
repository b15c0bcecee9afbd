import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  longestOrderBytes,
  type OrderReport,
  orderReportSchema,
} from '../../protocol/install-order.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import type { Who } from '../boot/who.ts';
import { readDocument } from '../nodes/documents.ts';
import { NodesError } from '../nodes/errors.ts';
import type { InstallOrders } from '../orders/install-orders.ts';
import type { Generation, TreeCatalog } from '../trees/types.ts';
import { sayText } from './install-report-routes.ts';
import { chooseInstallTarget } from './install-target.ts';
import { parseJson } from './node-body.ts';
import { readBody } from './read-body.ts';

export type OrderDeps = {
  readonly orders: Pick<InstallOrders, 'report'>;
  readonly trees: Pick<TreeCatalog, 'get'>;
  readonly reports: { readonly who: Who };
  /** Whether machines that are known have this role. */
  readonly hasRole: (role: string) => boolean;
};

const path = /^\/install\/[^/]+\.order$/;

/**
 * `POST /install/<tree>@<generation>.order`: what agents say of the order of files, and are told. A
 * node is of the role that it has; strangers teach nothing of the roles of nodes.
 */
export function addOrderRoutes(router: Router, deps: OrderDeps): void {
  router.post(path, async (context: Context) => {
    const generation = generationOf(context.path, deps);
    if (generation === undefined) {
      const text = 'expected /install/<tree>@<generation>.order, found no such tree';
      return sayText(context, 404, text);
    }
    const body = await readBody(context.req, longestOrderBytes);
    if (body === 'too-long') {
      return sayText(context, 413, `expected at most ${longestOrderBytes} bytes, got more`);
    }
    try {
      const report = readDocument(orderReportSchema, parseJson(body));
      context.set('cache-control', 'no-store');
      context.body = deps.orders.report(generation, credible(report, context, deps));
    } catch (error) {
      if (!(error instanceof NodesError)) throw error;
      sayText(context, 400, error.message);
    }
  });
}

function generationOf(urlPath: string, { trees }: OrderDeps): Generation | undefined {
  const document = urlPath.replace(/\.order$/, '.torrent');
  const target = chooseInstallTarget(document);
  if (target.kind !== 'torrent' || target.generation === undefined) return undefined;
  return trees.get(target.tree, target.generation);
}

function credible(
  report: OrderReport,
  { req }: Context,
  { reports, hasRole }: OrderDeps,
): OrderReport {
  const { node } = reports.who(normalizeAddress(req.socket.remoteAddress) ?? '');
  if (node !== undefined) return { ...report, role: node.role };
  if (!hasRole(report.role)) return report;
  const { settled: _unheard, ...rest } = report;
  return { ...rest, asked: [] };
}
