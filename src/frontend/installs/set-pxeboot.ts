import { messageOf } from '../../runtime/errors.ts';

export type PxebootRequest =
  | { readonly kind: 'set'; readonly action: 'os' | 'install'; readonly token: string | undefined }
  | { readonly kind: 'bad'; readonly reason: string };

const longestParameters = 4096;

/**
 * What a machine asks for by `setPxeboot.cgi`, in ROCKS' form (`?action=os`, or nothing at all for
 * the same) or Stacki's (`?params={"action":"os"}`); `token` may stand beside either.
 */
export function readSetPxeboot(query: URLSearchParams): PxebootRequest {
  const params = query.get('params');
  const read = params === null ? { action: query.get('action') } : readParams(params);
  if ('reason' in read) return { kind: 'bad', reason: read.reason };
  const action = read.action ?? 'os';
  if (action === 'os' || action === 'install') {
    return { kind: 'set', action, token: query.get('token') ?? undefined };
  }
  const reason = `expected action=os or action=install, got ${shown(action)}`;
  return { kind: 'bad', reason };
}

function readParams(text: string): { readonly action: unknown } | { readonly reason: string } {
  if (text.length > longestParameters) {
    return { reason: `expected params of at most ${longestParameters} characters` };
  }
  try {
    const value: unknown = JSON.parse(text);
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isMap) return { action: 'action' in value ? value.action : undefined };
    return { reason: `expected params={"action":"os"}, got ${shown(value)}` };
  } catch (error) {
    return { reason: `expected params={"action":"os"}, got: ${messageOf(error)}` };
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
