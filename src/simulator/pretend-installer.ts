import { createHash } from 'node:crypto';
import { Agent, get, type IncomingMessage } from 'node:http';
import { installUrlPath } from '../protocol/install-path.ts';
import type { ManifestFile } from '../protocol/manifest.ts';
import { messageOf } from '../runtime/errors.ts';
import { DemoError } from './errors.ts';

export type InstallPlan = {
  /** Names this installer in errors. */
  readonly name: string;
  /** The agent's proxy, such as `http://127.0.0.10:8080`. */
  readonly proxy: string;
  readonly tree: string;
  /** In the order in which they are fetched. */
  readonly files: readonly ManifestFile[];
};

export type Installation = {
  readonly progress: () => { readonly files: number; readonly sizeBytes: number };
  /** Resolves when every file came, and came as the manifest says. Throws DemoError. */
  readonly done: Promise<void>;
};

const connections = 4;
/** An installer of flesh and blood gives up, too. */
const silenceLimitMs = 60_000;

/** Fetches a whole tree as an installer does: in order, four at a time, on kept connections. */
export function startInstaller(plan: InstallPlan, signal: AbortSignal): Installation {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const waiting = plan.files.values();
  let files = 0;
  let sizeBytes = 0;

  async function fetchNext(): Promise<void> {
    for (const file of waiting) {
      await fetchFile(file);
      files += 1;
    }
  }

  async function fetchFile(file: ManifestFile): Promise<void> {
    const url = new URL(installUrlPath(plan.tree, file.path), plan.proxy);
    try {
      const response = await request(url, { agent, signal });
      checkHead(response, file);
      const hash = createHash('sha256');
      for await (const chunk of response) {
        hash.update(chunk);
        sizeBytes += chunk.length;
      }
      checkEqual('SHA-256', file.sha256, hash.digest('hex'));
    } catch (cause) {
      throw explain(cause, `${plan.name}: ${url.href}`);
    }
  }

  const done = Promise.all(Array.from({ length: connections }, fetchNext))
    .then(() => {})
    .finally(() => agent.destroy());
  return { progress: () => ({ files, sizeBytes }), done };
}

function request(
  url: URL,
  options: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = get(url, options, resolve);
    asking.on('error', reject);
    asking.setTimeout(silenceLimitMs, () =>
      asking.destroy(new Error(`expected an answer, heard nothing for ${silenceLimitMs / 1000} s`)),
    );
  });
}

function checkHead(response: IncomingMessage, file: ManifestFile): void {
  const { statusCode, headers } = response;
  if (statusCode !== 200) {
    response.destroy();
    throw new DemoError('bad-answer', `expected status 200, got ${statusCode}`);
  }
  checkEqual('Content-Length', String(file.size), headers['content-length']);
}

function checkEqual(what: string, expected: string, got: string | undefined): void {
  if (expected === got) return;
  throw new DemoError('wrong-bytes', `expected ${what} ${expected}, got ${got ?? 'none'}`);
}

function explain(cause: unknown, where: string): DemoError {
  const code = cause instanceof DemoError ? cause.code : 'bad-answer';
  return new DemoError(code, `${where}: ${messageOf(cause)}`, { cause });
}
