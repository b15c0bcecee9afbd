import type { ExecutionContext } from 'ava';
import { ask } from '../client.ts';
import { serveTrees, temporaryFolder, writeTree } from '../fixture.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
};

/** A frontend's API over loopback, with one tree; `call` is made with a token where one is given. */
export async function serveApi(
  t: ExecutionContext,
  options: { readonly client?: string; readonly database?: string } = {},
) {
  const folder = await temporaryFolder(t);
  const tree = await writeTree(folder, { tree: 'rocks', generation: 1, contents: { a: 'a' } });
  const served = await serveTrees(t, [tree], options);
  const call = async (
    method: string,
    path: string,
    { body, token }: { readonly body?: unknown; readonly token?: string } = {},
  ): Promise<Answer> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const reply = await ask(served.port, `/api/v1${path}`, {
      method,
      headers: {
        'content-length': String(Buffer.byteLength(text)),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: text,
    });
    return { status: reply.status, headers: reply.headers, body: JSON.parse(String(reply.body)) };
  };
  return { ...served, call };
}
