import { type Command, Option } from 'commander';
import type { LogLevel } from '../runtime/log.ts';

export type LogLevelOption = { readonly logLevel: LogLevel };

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] satisfies readonly LogLevel[];

/** Adds `--log-level LEVEL` to a command. */
export function addLogLevelOption(command: Command): Command {
  const option = new Option('--log-level <level>', 'what is logged');
  return command.addOption(option.choices(logLevels).default('info'));
}
