import type { ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { BuiltFiles } from '../console/built-files.ts';
import type { Identify } from '../operators/identify.ts';
import { isOfOwnPage } from '../operators/own-page.ts';
import type { Sessions } from '../operators/sessions.ts';
import { sendDocument, sendText } from './replies.ts';

export type ConsoleDeps = {
  readonly files: BuiltFiles;
  readonly identify: Identify;
  readonly sessions: Pick<Sessions, 'open' | 'close'>;
};

/** The console's page, and how a browser signs in. All else that it does goes through the API. */
export function addConsoleRoutes(router: Router, deps: ConsoleDeps): void {
  router.get('/', (context) => sendFile(deps, context, 'index.html'));
  router.get('/console/:file', (context) =>
    sendFile(deps, context, String(context.params.file ?? '')),
  );
  router.post('/console/sign-in', (context) => signIn(deps, context));
  router.post('/console/sign-out', (context) => signOut(deps, context));
}

async function sendFile({ files }: ConsoleDeps, context: Context, name: string): Promise<void> {
  context.respond = false;
  const { req: request, res: response } = context;
  const file = await files.find(name, context.acceptsEncodings('gzip') === 'gzip');
  protect(response);
  if (file !== undefined) return sendDocument(request, response, file);
  if (name !== 'index.html') return sendText(response, 404, 'expected a file of the console');
  sendText(response, 503, "expected the console to be built, found nothing; run 'npm run build'");
}

/**
 * Whatever a machine, or an attribute, is called: no script and no style runs but the console's own,
 * nothing is fetched from elsewhere, and no other page can show this one to be clicked on.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

function protect(response: ServerResponse): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('vary', 'accept-encoding');
  // Asked for each time, and sent only when it is another one.
  response.setHeader('cache-control', 'no-cache');
}

/** With `Authorization: Bearer`, which no page of another site can send. */
function signIn({ identify, sessions }: ConsoleDeps, context: Context): void {
  context.set('cache-control', 'no-store');
  const asked = identify(context.req);
  if (asked.kind === 'refused') {
    context.status = asked.status;
    context.body = { error: asked.text, code: asked.code };
    return;
  }
  if (asked.tokenHash !== undefined) context.set('set-cookie', sessions.open(asked.tokenHash));
  const { who, scope } = asked.operator;
  context.body = { who, scope };
}

function signOut({ sessions }: ConsoleDeps, context: Context): void {
  context.set('cache-control', 'no-store');
  if (!isOfOwnPage(context.headers)) {
    context.status = 403;
    context.body = { error: "expected the console's own page, got another", code: 'other-site' };
    return;
  }
  context.set('set-cookie', sessions.close());
  context.status = 204;
}
