import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A frontend by HTTP, and the operator's token that it asks for from elsewhere than its machine. */
export type FrontendUrl = { readonly url: URL; readonly token: string | undefined };

const silenceMs = 30_000;

/** Resolves with the answer, whatever its status. Rejects when there is none. */
export function askByUrl(
  { url, token }: FrontendUrl,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = new URL(path, url);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request(target, { headers, signal, agent: false, timeout: silenceMs }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${silenceMs} ms`)));
    sent.on('error', reject);
    sent.end();
  });
}
