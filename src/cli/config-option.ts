import type { Command } from 'commander';
import type { Config } from '../frontend/config.ts';

/** What `-c, --config FILE` leaves in a command's options. */
export type ConfigOption = { readonly config?: string };

/** Adds `-c, --config FILE` to a command. */
export function addConfigOption(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    'the configuration (default: ./scree.yaml, else /etc/scree/scree.yaml, else built-in defaults)',
  );
}

/** The configuration that a command's options name. Throws ConfigError. */
export async function configFrom(options: ConfigOption): Promise<Config> {
  const { findConfig } = await import('../frontend/config.ts');
  return findConfig(options.config);
}
