import { type Command, Option } from 'commander';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';

const formats = ['dnsmasq', 'isc', 'kea'] as const;

type ExportOptions = ConfigOption & { readonly format: (typeof formats)[number] };

/** `scree dhcp …`: what other DHCP servers need to know. */
export function register(program: Command): void {
  const dhcp = program.command('dhcp').description('Answers of another DHCP server.');
  const format = new Option('--format <server>', 'whose configuration it is to be');
  addConfigOption(dhcp.command('export'))
    .description(
      "Print another DHCP server's configuration that does as 'dhcp:' and the nodes say; " +
        'also with mode: off. Print it again when either changes.',
    )
    .addOption(format.choices(formats).makeOptionMandatory())
    .action(printExport);
}

async function printExport(options: ExportOptions): Promise<void> {
  const config = await configFrom(options);
  const { exportDhcp } = await import('../frontend/dhcp/main.ts');
  const { text, warnings } = await exportDhcp(options.format, config);
  for (const warning of warnings) process.stderr.write(`scree: ${warning}\n`);
  process.stdout.write(text);
}
