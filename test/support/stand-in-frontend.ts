import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What a stand-in frontend does; the program's one argument, in JSON. */
export type StandInPlan = {
  readonly listen: string;
  /** PEM, as its list of trees names it. */
  readonly publicKey: string;
  /** How long the list takes. */
  readonly listMs?: number;
  /** By path, with status 200. */
  readonly files: Readonly<Record<string, string>>;
  /** What calls of an install's end are answered with, one after the other; then 200. */
  readonly ends?: readonly number[];
};

/** One line of JSON on stdout for each request. */
export type StandInCall = { readonly method: string; readonly url: string; readonly body: string };

const plan = JSON.parse(process.argv[2] ?? '') as StandInPlan;
const ends = [...(plan.ends ?? [])];

async function reply({ url }: StandInCall): Promise<{ status: number; body: string }> {
  const [path = ''] = url.split('?');
  if (path === '/install/trees.json') {
    await delay(plan.listMs ?? 0);
    return { status: 200, body: JSON.stringify({ trees: [], publicKey: plan.publicKey }) };
  }
  if (/^\/installs\/[^/]+\/(success|failure)$/.test(path)) {
    const status = ends.shift() ?? 200;
    return { status, body: `the answer is ${status}\n` };
  }
  const body = plan.files[path];
  return body === undefined ? { status: 404, body: 'none\n' } : { status: 200, body };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  const call: StandInCall = { method, url, body: await text(request) };
  process.stdout.write(`${JSON.stringify(call)}\n`);
  const { status, body } = await reply(call);
  response.writeHead(status).end(body);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(Error(String(error))));
});
server.listen(80, plan.listen, () => process.stdout.write('ready\n'));
