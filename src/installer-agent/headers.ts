import type { IncomingMessage } from 'node:http';

// RFC 9110 (7.6.1), and what older clients send to proxies.
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers that go on to the frontend, as `[name, value, name, value, …]`. */
export function requestHeadersFor(host: string, request: IncomingMessage): string[] {
  // Expect was answered here: the body is on its way.
  const kept = endToEndHeaders(request, new Set(['host', 'expect']));
  return ['Host', host, ...kept, ...framingOf(request)];
}

/** The headers of the frontend's answer that go on to the installer, in the same form. */
export function responseHeadersFor(response: IncomingMessage): string[] {
  return endToEndHeaders(response, new Set());
}

/** True when a request has a body, if only an empty one. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

function endToEndHeaders(message: IncomingMessage, alsoDropped: ReadonlySet<string>): string[] {
  const named = (message.headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([...hopByHop, ...alsoDropped, ...named]);
  // A Connection header that names it must not take away where the body ends.
  dropped.delete('content-length');
  const kept: string[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const name = message.rawHeaders[at] ?? '';
    if (!dropped.has(name.toLowerCase())) kept.push(name, message.rawHeaders[at + 1] ?? '');
  }
  return kept;
}

function framingOf(request: IncomingMessage): string[] {
  if (request.headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked'];
  const needsLength = !hasBody(request) && /^(POST|PUT|PATCH)$/.test(request.method ?? '');
  return needsLength ? ['Content-Length', '0'] : [];
}
