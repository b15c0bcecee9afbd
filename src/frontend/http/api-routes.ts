import type Router from '@koa/router';
import type { Context } from 'koa';
import { readDocument } from '../nodes/documents.ts';
import type { Identified, Identify } from '../operators/identify.ts';
import { covers } from '../operators/scopes.ts';
import type { Operator } from '../operators/types.ts';
import { type Operation, streamed } from './api/operation.ts';
import { readQuery } from './api/query.ts';
import { apiRefusalOf } from './api/refusals.ts';
import { apiRoot } from './api/root.ts';
import { readJsonBody } from './node-body.ts';

type Refused = Extract<Identified, { kind: 'refused' }>;

/** Adds a route for each operation. Who asks, and for what, is checked here and nowhere else. */
export function addOperations(
  router: Router,
  operations: readonly Operation[],
  { identify }: { readonly identify: Identify },
): void {
  for (const operation of operations) {
    const path = `${apiRoot}${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    router.register(path, [operation.method], async (context: Context) => {
      // Answers hold what is so now, and one of them a token.
      context.set('cache-control', 'no-store');
      try {
        const asked = identify(context.req);
        if (asked.kind === 'refused') refuse(context, asked);
        else await serve(context, operation, asked.operator);
      } catch (error) {
        const refusal = apiRefusalOf(error);
        if (refusal === undefined) throw error;
        context.status = refusal.status;
        context.body = refusal.body;
      }
    });
  }
}

async function serve(context: Context, operation: Operation, operator: Operator): Promise<void> {
  if (!covers(operator.scope, operation.scope)) {
    const error = `expected a token of the scope ${operation.scope}, got one of ${operator.scope}`;
    context.status = 403;
    context.body = { error, code: 'narrow-scope' };
    return;
  }
  const { body } = operation;
  const answer = await operation.run({
    operator,
    name: String(context.params.name ?? ''),
    query: readQuery(operation.query, new URLSearchParams(context.querystring)),
    body: body === undefined ? undefined : readDocument(body, await readJsonBody(context.req)),
    exchange: { request: context.req, response: context.res },
  });
  if (answer === streamed) {
    context.respond = false;
    return;
  }
  context.status = operation.status ?? 200;
  context.body = answer;
}

function refuse(context: Context, { status, code, text, retryAfterSeconds }: Refused): void {
  context.status = status;
  if (status === 401) {
    const error = code === 'no-token' ? '' : ', error="invalid_token"';
    context.set('www-authenticate', `Bearer realm="scree"${error}`);
  }
  if (retryAfterSeconds !== undefined) context.set('retry-after', String(retryAfterSeconds));
  context.body = { error: text, code };
}
