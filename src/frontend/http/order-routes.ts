import type Router from '@koa/router';
import type { Context } from 'koa';
import { longestOrderBytes, orderReportSchema } from '../../protocol/install-order.ts';
import { parseInstallUrl } from '../../protocol/install-path.ts';
import { readDocument } from '../nodes/documents.ts';
import { NodesError } from '../nodes/errors.ts';
import type { InstallOrders } from '../orders/install-orders.ts';
import type { TreeCatalog } from '../trees/types.ts';
import { sayText } from './install-report-routes.ts';
import { parseJson } from './node-body.ts';
import { readBody } from './read-body.ts';

export type OrderDeps = {
  readonly orders: Pick<InstallOrders, 'report'>;
  readonly trees: Pick<TreeCatalog, 'get'>;
};

const path = /^\/install\/[^/]+\.order$/;

/** `POST /install/<tree>@<generation>.order`: what agents say of the order of files, and are told. */
export function addOrderRoutes(router: Router, { orders, trees }: OrderDeps): void {
  router.post(path, async (context: Context) => {
    const named = parseInstallUrl(context.path.slice(0, -'.order'.length));
    const generation =
      named?.generation === undefined ? undefined : trees.get(named.tree, named.generation);
    if (generation === undefined) {
      return sayText(
        context,
        404,
        'expected /install/<tree>@<generation>.order, found no such tree',
      );
    }
    const body = await readBody(context.req, longestOrderBytes);
    if (body === 'too-long') {
      return sayText(context, 413, `expected at most ${longestOrderBytes} bytes, got more`);
    }
    try {
      const report = readDocument(orderReportSchema, parseJson(body));
      context.set('cache-control', 'no-store');
      context.body = orders.report(generation, report);
    } catch (error) {
      if (!(error instanceof NodesError)) throw error;
      sayText(context, 400, error.message);
    }
  });
}
