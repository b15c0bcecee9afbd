import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * Signs `Release` in a folder with a new key: InRelease and Release.gpg. Only the public key stays,
 * in `keyring`.
 */
export async function signRelease(folder: string, keyring: string): Promise<void> {
  // Short, for the agent's socket is in it.
  const home = await mkdtemp(join(tmpdir(), 'gpg-'));
  const gpg = (...args: string[]) => runTool(['gpg', '--homedir', home, '--batch', ...args]);
  try {
    const key = ['--passphrase', '', '--quick-gen-key', 'Rack archive', 'ed25519', 'sign', 'never'];
    await gpg(...key);
    const release = join(folder, 'Release');
    await gpg('--output', join(folder, 'InRelease'), '--clear-sign', release);
    await gpg('--output', `${release}.gpg`, '--armor', '--detach-sign', release);
    await gpg('--output', keyring, '--export');
  } finally {
    await runTool(['gpgconf', '--homedir', home, '--kill', 'all']).catch(() => {});
    await rm(home, { recursive: true, force: true });
  }
}
