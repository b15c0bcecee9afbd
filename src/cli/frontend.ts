import type { Command } from 'commander';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';
import { addLogLevelOption, type LogLevelOption } from './log-level-option.ts';

/** `scree frontend`: everything that a rack needs, in the foreground. */
export function register(program: Command): void {
  const command = program
    .command('frontend')
    .description('Serve package trees: files, torrents, seeds and the tracker, in one process.');
  addLogLevelOption(addConfigOption(command)).action(
    async (options: ConfigOption & LogLevelOption) => {
      const config = await configFrom(options);
      const { runFrontend } = await import('../frontend/main.ts');
      await runFrontend(config, { logLevel: options.logLevel });
    },
  );
}
