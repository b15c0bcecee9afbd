import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../runtime/errors.ts';
import { runProgram } from '../runtime/lifecycle.ts';
import { createLog, type Log } from '../runtime/log.ts';
import { type Flags, resolveSettings, type Settings, SettingsError } from './settings.ts';
import { type Agent, startAgent } from './start-agent.ts';
import { KeyError, parsePublicKey } from './trust.ts';

const kernelCommandLine = '/proc/cmdline';

/** The agent's settings from its flags and this machine's kernel arguments. Throws SettingsError. */
export function readSettings(flags: Flags): Settings {
  return resolveSettings(flags, readOr(kernelCommandLine, ''));
}

/** Runs the agent in the foreground until it is told to stop. */
export async function runAgent({
  keyFile,
  logLevel,
  warnings,
  ...config
}: Settings): Promise<void> {
  const log = await createLog({ area: 'agent', level: logLevel });
  for (const reason of warnings) log.warn('kernel argument left out', { reason });
  const key = keyFile === undefined ? {} : { key: await readKey(keyFile) };
  await runProgram({
    log,
    start: async ({ add }) => {
      const agent = await startAgent({ ...config, ...key, version: readVersion() }, { log });
      add({ name: 'agent', close: agent.close });
      let isRefused = false;
      const refused = agent.refused.then((reason) => {
        isRefused = true;
        return endRefused(agent, reason, log);
      });
      await nextTurn();
      // Nobody is told that it serves when it does not.
      if (isRefused) await refused;
      return describeReady(agent, config.frontend);
    },
  });
}

/** As in sysexits.h: what starts the agent anew is to leave it, and to stop the installer. */
const refusedExitCode = 78;
const tellLimitMs = 5_000;
const closeLimitMs = 4_000;

/** In this process nothing unverified is handed out, so another one would do no better. */
async function endRefused(agent: Agent, reason: string, log: Log): Promise<never> {
  log.error('refused', { reason });
  process.stderr.write(`scree: ${reason}\n`);
  const told = agent.fail(`its agent refuses: ${reason}`);
  await Promise.race([told, sleep(tellLimitMs)]);
  // What was asked meanwhile is told so, and nothing stays on the disk.
  await Promise.race([agent.close(), sleep(closeLimitMs)]);
  process.exit(refusedExitCode);
}

async function readKey(path: string): Promise<KeyObject> {
  try {
    return parsePublicKey(await readFile(path, 'utf8'));
  } catch (cause) {
    const got = cause instanceof KeyError ? 'something else' : messageOf(cause);
    const text = `--key: expected an Ed25519 public key in PEM form in '${path}', got ${got}`;
    throw new SettingsError('wrong', text, { cause });
  }
}

function describeReady({ address, swarmPort }: Agent, frontend: URL): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const swarm = swarmPort === undefined ? 'no swarm' : `swarm port ${swarmPort}`;
  return `http://${host}:${address.port} for ${frontend.origin}, ${swarm}`;
}

function readVersion(): string {
  const text = readOr(new URL('../../package.json', import.meta.url), '{}');
  return String(JSON.parse(text).version ?? 'unknown');
}

function readOr(path: string | URL, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
