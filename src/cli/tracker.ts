import { type Command, Option } from 'commander';
import type { LogLevel } from '../runtime/log.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] satisfies readonly LogLevel[];

type Options = ConfigOption & { readonly logLevel: LogLevel };

/** `scree tracker`: the tracker in the foreground, without the rest of the frontend. */
export function register(program: Command): void {
  const command = program
    .command('tracker')
    .description("The BitTorrent tracker alone, for the state folder's trees: HTTP and UDP.")
    .addOption(
      new Option('--log-level <level>', 'what is logged').choices(logLevels).default('info'),
    );
  addConfigOption(command).action(async (options: Options) => {
    const { state, networks, tracker } = await configFrom(options);
    const { runTracker } = await import('../tracker/main.ts');
    const { logLevel } = options;
    await runTracker({ stateFolder: state, logLevel, tracker: { ...tracker, networks } });
  });
}
