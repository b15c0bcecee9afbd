import type { Context, Next } from 'koa';
import { isApiPath } from './replies.ts';

/** Whatever is refused, or fails, below `/api` is answered `{"error": …}`. */
export async function answerApiErrors(context: Context, next: Next): Promise<void> {
  if (!isApiPath(context.path)) return next();
  try {
    await next();
  } catch (error) {
    if (context.respond === false) throw error;
    context.app.emit('error', error, context);
    context.status = 500;
    context.body = { error: 'expected to answer, but the frontend failed; its log says at what' };
  }
  const isBare = context.body === undefined || context.body === null;
  if (context.status < 400 || context.respond === false || !isBare) return;
  const allowed = context.response.get('allow') || 'a method of the API';
  context.body = { error: `expected ${allowed}, got ${context.method} ${context.path}` };
}
