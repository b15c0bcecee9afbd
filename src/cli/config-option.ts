import type { Command } from 'commander';

/** What `-c, --config FILE` leaves in a command's options. */
export type ConfigOption = { readonly config?: string };

/** Adds `-c, --config FILE` to a command. `readConfig` of the frontend takes its value. */
export function addConfigOption(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    'the configuration (default: ./scree.yaml, else /etc/scree/scree.yaml, else built-in defaults)',
  );
}
