/** What the frontend refused, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const root = '/api/v1';
const limitMs = 30_000;

/** The address of an operation: `{name}` stands for nothing that a URL could take for more. */
export function apiPath(path: string, name = ''): string {
  return `${root}${path.replace('{name}', encodeURIComponent(name))}`;
}

/** What the API answers. Rejects with ApiError, of status 0 when nobody answers. */
export async function ask<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  {
    body,
    headers = {},
  }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', ...json, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  }).catch((cause: unknown) => {
    const why =
      cause instanceof Error && cause.name === 'TimeoutError' ? 'takes too long' : 'is away';
    throw new ApiError(0, 'away', `The frontend ${why}; try again in a moment.`);
  });
  if (response.status === 204) return undefined as Answer;
  const answer: unknown = await response.json().catch(() => ({}));
  if (response.ok) return answer as Answer;
  const { error, code } = answer as { readonly error?: string; readonly code?: string };
  throw new ApiError(
    response.status,
    code ?? '',
    error ?? `The frontend answered ${response.status}.`,
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
