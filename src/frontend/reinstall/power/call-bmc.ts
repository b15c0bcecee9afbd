import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { messageOf } from '../../../runtime/errors.ts';
import { PowerError } from '../errors.ts';
import type { Bmc } from './bmc.ts';

export type BmcCall = {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly path: string;
  readonly body?: unknown;
};

const silenceMs = 20_000;
const longestAnswerBytes = 1024 * 1024;

/**
 * Asks a board's controller; resolves with its JSON, undefined when there is none. Nothing is asked
 * of another host, whatever it answers. Rejects with PowerError.
 */
export async function callBmc(bmc: Bmc, call: BmcCall, signal: AbortSignal): Promise<unknown> {
  const url = urlOf(bmc, call.path);
  try {
    const answer = await send(bmc, { ...call, url }, signal);
    const text = await readText(answer);
    const status = answer.statusCode ?? 0;
    if (status < 300) return text === '' ? undefined : JSON.parse(text);
    const advice = status === 401 ? '; are bmc-user and bmc-password right?' : '';
    throw new PowerError(
      'not-switched',
      `${call.method} ${url.pathname}: status ${status}${advice}`,
    );
  } catch (cause) {
    if (cause instanceof PowerError) throw cause;
    const message = `${url.host} ${call.path}: ${messageOf(cause)}${adviceFor(cause)}`;
    throw new PowerError('not-switched', message, { cause });
  }
}

/** Throws PowerError. */
function urlOf({ address }: Bmc, path: string): URL {
  const base = /^https?:\/\//.test(address) ? address : `https://${address}`;
  const root = URL.parse(base);
  const url = root === null ? null : URL.parse(path, root.href);
  if (url !== null && url.host === root?.host && url.protocol === root.protocol) return url;
  const expected = 'expected an address, or https://address, in the attribute bmc-address';
  throw new PowerError('not-switched', `${expected}, got '${address.slice(0, 80)}'`);
}

function send(
  { user, password, verifiesTls }: Bmc,
  { method, url, body }: BmcCall & { readonly url: URL },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const options = {
    method,
    ...{ auth: `${user}:${password}`, timeout: silenceMs, signal, agent: false as const },
    rejectUnauthorized: verifiesTls,
    headers: {
      accept: 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(text === '' ? {} : { 'content-type': 'application/json' }),
    },
  };
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? requestHttps(url, options, resolve)
        : requestHttp(url, options, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer) {
    sizeBytes += chunk.length;
    if (sizeBytes > longestAnswerBytes)
      throw new Error(`an answer of more than ${longestAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function adviceFor(cause: unknown): string {
  const isCertificate =
    cause instanceof Error &&
    'code' in cause &&
    /CERT|SELF_SIGNED|ALTNAME/.test(String(cause.code));
  return isCertificate
    ? '; to take whatever certificate it shows, set the attribute bmc-verify-tls=no'
    : '';
}
