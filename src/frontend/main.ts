import { runProgram } from '../runtime/lifecycle.ts';
import { createLog, type Log, type LogLevel } from '../runtime/log.ts';
import type { Frontend } from './composition.ts';
import { type Config, findConfig } from './config.ts';
import { renderReady } from './ready-line.ts';

/** The configuration that `-c FILE` names, or the usual one. Throws ConfigError. */
export function readConfig(path: string | undefined): Promise<Config> {
  return findConfig(path);
}

/** Starts a frontend inside this process. Its ports are open when the promise resolves. */
export async function createFrontend(
  deps: { readonly log: Log },
  config: Config,
): Promise<Frontend> {
  // Only now: commands that read no more than the configuration must not pay for a web server.
  const { startFrontend } = await import('./composition.ts');
  return startFrontend(deps, config);
}

/** `scree frontend`: serves until SIGTERM or SIGINT. */
export async function runFrontend(
  config: Config,
  options: { readonly logLevel: LogLevel },
): Promise<void> {
  const log = await createLog({ area: 'frontend', level: options.logLevel });
  await runProgram({
    log,
    start: async (lifetime) => {
      const frontend = await createFrontend({ log }, config);
      lifetime.add({ name: 'frontend', close: frontend.close });
      return renderReady(frontend, config);
    },
  });
}
