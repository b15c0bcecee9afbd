import { readFile } from 'node:fs/promises';
import { installTokenOf } from '../frontend/installs/token.ts';
import { DemoError } from './errors.ts';

type Known = { readonly node: { readonly name: string; readonly installNumber: number } };

/**
 * Makes machines of the demo known to its frontend, which then takes them to be in the middle of an
 * install, so that its console shows them. Returns the token of each install. Throws DemoError.
 */
export async function beginDemoInstalls(
  { url, installKeyFile }: { readonly url: string; readonly installKeyFile: string },
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const nodes = `${url}/api/v1/nodes`;
  for (const [number, name] of names.entries()) {
    await send(nodes, { name, macs: [`02:00:00:00:00:${number.toString(16).padStart(2, '0')}`] });
  }
  await send(`${nodes}/boot`, { selection: names, action: 'install' });
  const key = Buffer.from((await readFile(installKeyFile, 'utf8')).trim(), 'hex');
  const tokens = new Map<string, string>();
  for (const name of names) {
    const { node }: Known = JSON.parse(await send(`${nodes}/${name}`));
    const token = installTokenOf(node, key);
    // An installer that asks how to install has begun.
    await send(`${url}/kickstart/${token}`);
    tokens.set(name, token);
  }
  return tokens;
}

/** What an installer tells its agent; that nobody hears it is no reason to end the demo. */
export async function tellAgent(proxy: string, pathAndQuery: string): Promise<void> {
  try {
    await (await fetch(`${proxy}/agent/${pathAndQuery}`)).arrayBuffer();
  } catch {
    // The agent has ended, which is told elsewhere.
  }
}

async function send(url: string, body?: unknown): Promise<string> {
  const response = await fetch(url, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (response.ok) return text;
  const got = `${response.status}: ${text.trim().slice(0, 200)}`;
  throw new DemoError('bad-answer', `expected ${url} to be answered, got ${got}`);
}
