import type { IncomingMessage, ServerResponse } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { InstallsProgress } from '../installs/progress.ts';
import type { InstallOrders } from '../orders/install-orders.ts';
import type { TreeCatalog } from '../trees/types.ts';
import type { Operation } from './api/operation.ts';
import { answerApiErrors } from './api-errors.ts';
import { addOperations } from './api-routes.ts';
import { addConsoleRoutes, type ConsoleDeps } from './console-routes.ts';
import { addFiguresRoutes, type FiguresDeps } from './figures-routes.ts';
import type { Exchange } from './install-handler.ts';
import { addInstallReportRoutes, type InstallReportDeps } from './install-report-routes.ts';
import type { OpenStreams } from './open-streams.ts';
import { addOrderRoutes } from './order-routes.ts';
import { addProgressRoutes } from './progress-routes.ts';
import { isApiPath } from './replies.ts';
import { addSetPxebootRoutes } from './set-pxeboot-routes.ts';

export type AppDeps = ConsoleDeps &
  FiguresDeps & {
    readonly log: Log;
    readonly install: (exchange: Exchange) => Promise<void>;
    readonly boot: (exchange: Exchange) => Promise<void>;
    readonly kickstart: (exchange: Exchange) => Promise<void>;
    readonly trees: Pick<TreeCatalog, 'all' | 'get'>;
    readonly orders: Pick<InstallOrders, 'report'>;
    readonly hasRole: (role: string) => boolean;
    readonly reports: InstallReportDeps;
    readonly progress: Pick<InstallsProgress, 'holderOf' | 'take'>;
    /** What the API can do. */
    readonly operations: readonly Operation[];
    readonly streams: OpenStreams;
    readonly startedAtMs: number;
  };

/** Answers requests whose URL was normalized. The promise ends with the answer. */
export type App = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The routes of the frontend's HTTP port, except the tracker's own. */
export function createApp(deps: AppDeps): App {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: unknown) => {
    if (!isLostConnection(error)) deps.log.error('request failed', { reason: messageOf(error) });
  });
  const router = createRouter(deps);
  app.use(answerApiErrors);
  app.use(router.routes()).use(router.allowedMethods()).use(explainUnknownPath);
  return app.callback();
}

/** All routes, before anything is asked of them. */
export function createRouter(deps: AppDeps): Router {
  const router = new Router();
  // Before what is below /install.
  addInstallReportRoutes(router, deps.reports);
  addSetPxebootRoutes(router, deps.reports);
  const { progress, reports } = deps;
  addProgressRoutes(router, { progress, hideSecrets: reports.hideSecrets });
  addOrderRoutes(router, deps);
  router.get(/^\/(?:install\/+sbin\/|kickstart\/)/, (context) => {
    context.respond = false;
    return deps.kickstart({ request: context.req, response: context.res });
  });
  router.get(/^\/install(?:\/|$)/, (context) => {
    context.respond = false;
    return deps.install({ request: context.req, response: context.res });
  });
  router.get(/^\/(?:boot(?:\/|$)|grub\/)/, (context) => {
    context.respond = false;
    return deps.boot({ request: context.req, response: context.res });
  });
  router.get('/healthz', (context) => {
    const uptimeSeconds = Math.floor((Date.now() - deps.startedAtMs) / 1000);
    context.body = { ok: true, trees: deps.trees.all().length, uptimeSeconds };
  });
  addFiguresRoutes(router, deps);
  addOperations(router, deps.operations, deps);
  addConsoleRoutes(router, deps);
  return router;
}

/** For the person who opens the frontend's address to see whether it works, or tries the API. */
function explainUnknownPath(context: Context): void {
  // With another method it is answered 405.
  if (isKnownPath(context)) return;
  context.status = 404;
  context.body = isApiPath(context.path)
    ? { error: `expected a path of /api/v1/openapi.json, got ${context.method} ${context.path}` }
    : 'expected /, /install/<tree>/<path>, /boot/<path>, /stats, /stats.json, /metrics or /healthz\n';
}

/** True when a route of any method has this path; what all of `/api` goes through is no route. */
function isKnownPath({ matched }: Context): boolean {
  const layers: readonly { readonly methods: readonly string[] }[] = matched ?? [];
  return layers.some(({ methods }) => methods.length > 0);
}

/** A client that left in the middle is nothing that an operator could do something about. */
function isLostConnection(error: unknown): boolean {
  const codes = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_UNABLE_TO_PIPE'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
