import type Router from '@koa/router';
import type { Context } from 'koa';
import { readDocument } from '../nodes/documents.ts';
import type { Identified, Identify } from '../operators/identify.ts';
import { covers } from '../operators/scopes.ts';
import { type Operation, streamed } from './api/operation.ts';
import { readQuery } from './api/query.ts';
import { apiRefusalOf } from './api/refusals.ts';
import { apiRoot } from './api/root.ts';
import { readJsonBody } from './node-body.ts';
import type { OpenStreams } from './open-streams.ts';

type Refused = Extract<Identified, { kind: 'refused' }>;
type Asked = Extract<Identified, { kind: 'operator' }>;

export type OperationDeps = { readonly identify: Identify; readonly streams: OpenStreams };

const streamsRetryAfterSeconds = 5;

/** Adds a route for each operation. Who asks, and for what, is checked here and nowhere else. */
export function addOperations(
  router: Router,
  operations: readonly Operation[],
  { identify, streams }: OperationDeps,
): void {
  for (const operation of operations) {
    const path = `${apiRoot}${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    router.register(path, [operation.method], async (context: Context) => {
      // Answers hold what is so now, and one of them a token.
      context.set('cache-control', 'no-store');
      try {
        const asked = identify(context.req);
        if (asked.kind === 'refused') refuse(context, asked);
        else await serve(context, operation, { asked, streams });
      } catch (error) {
        const refusal = apiRefusalOf(error);
        if (refusal === undefined) throw error;
        const { status, body, retryAfterSeconds } = refusal;
        context.status = status;
        context.body = body;
        if (retryAfterSeconds !== undefined) context.set('retry-after', `${retryAfterSeconds}`);
      }
    });
  }
}

type Serving = { readonly asked: Asked; readonly streams: OpenStreams };

async function serve(
  context: Context,
  operation: Operation,
  { asked, streams }: Serving,
): Promise<void> {
  const { operator } = asked;
  if (!covers(operator.scope, operation.scope)) {
    const error = `expected a token of the scope ${operation.scope}, got one of ${operator.scope}`;
    context.status = 403;
    context.body = { error, code: 'narrow-scope' };
    return;
  }
  const { body } = operation;
  const query = readQuery(operation.query, new URLSearchParams(context.querystring));
  const document =
    body === undefined ? undefined : readDocument(body, await readJsonBody(context.req));
  if (isStream(operation, query)) {
    const { tokenHash, untilMs } = asked;
    const refusal = streams.admit(context.res, { who: operator.who, tokenHash, untilMs });
    if (refusal !== undefined) return refuseStream(context, refusal);
  }
  const answer = await operation.run({
    operator,
    name: String(context.params.name ?? ''),
    query,
    body: document,
    exchange: { request: context.req, response: context.res },
  });
  if (answer === streamed) {
    context.respond = false;
    return;
  }
  context.status = operation.status ?? 200;
  context.body = answer;
  // It may have been a token that was revoked.
  if (operation.method !== 'GET') streams.check();
}

function isStream({ streams }: Operation, query: Readonly<Record<string, unknown>>): boolean {
  return streams === 'always' || (streams === 'with follow' && query.follow === true);
}

function refuseStream(context: Context, error: string): void {
  context.status = 429;
  context.set('retry-after', String(streamsRetryAfterSeconds));
  context.body = { error, code: 'too-many-streams' };
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
