import { type Command, InvalidArgumentError } from 'commander';
import { configFrom } from './config-option.ts';
import { type CommonOptions, common, profilesOf, usage } from './node-context.ts';
import { createReinstallText, renderPlanned, reportDocument } from './reinstall-text.ts';

type Options = CommonOptions & {
  readonly action: string;
  readonly wave: number;
  readonly abortIfFailed: number;
  readonly power: string;
  readonly shell?: boolean;
  readonly timeout: number;
  readonly skipYounger: number;
  readonly dryRun?: boolean;
};

const powerHelp = `
How machines are switched off and on (--power):
  none     you do it, when they are named
  redfish  by the board's controller: attributes bmc-address, bmc-user, bmc-password
  ipmi     the same by the program ipmitool
  wol      a magic packet: wakes machines that are off
  ssh      ssh root@ADDRESS reboot
  COMMAND  such as 'powerman -c {name}'; {name}, {mac} and {address} are filled in, attributes are
           in its environment: SCREE_BMC_ADDRESS. No shell reads it, unless with --shell
A machine has to boot from the network first, or be told to (redfish and ipmi do).
Machines that are on their way already are followed, not armed again; with --skip-younger the same
command goes on where it was stopped.`;

/** `scree reinstall`: many machines, wave by wave, and what became of each. */
export function register(program: Command): void {
  common(program.command('reinstall <selection...>'))
    .description(
      'Reinstall machines: arm them, switch them off and on wave by wave, and follow them to the ' +
        'end. A selection is as of `scree node`.',
    )
    .option('--action <action>', 'the boot action that installs them', 'install')
    .option('--wave <count>', 'how many are started at once', readCount, 40)
    .option(
      '--abort-if-failed <share>',
      'start no more when a larger share of those that were started has failed, such as 10%',
      readShare,
      0.1,
    )
    .option('--power <how>', 'redfish, ipmi, wol, ssh, none, or a command', 'none')
    .option('--shell', 'let a shell read the command of --power')
    .option(
      '--timeout <time>',
      'a machine that takes longer has failed: 90s, 30m, 2h',
      readMs,
      7_200_000,
    )
    .option(
      '--skip-younger <time>',
      'leave out machines that were installed less than this ago, such as 2h',
      readMs,
      0,
    )
    .option('--dry-run', 'say what would be done, and change nothing')
    .addHelpText('after', powerHelp)
    .action(reinstallMachines);
}

async function reinstallMachines(
  selection: readonly string[],
  options: Options,
  command: Command,
): Promise<void> {
  const { prepareReinstall } = await import('../frontend/reinstall/main.ts');
  const config = await configFrom(options);
  const { installActions } = config.boot;
  if (!installActions.has(options.action)) {
    const known = [...installActions].join(', ');
    usage(command, `--action: expected one that installs (${known}), got '${options.action}'`);
  }
  const { wave, abortIfFailed, timeout, power, shell, skipYounger } = options;
  const prepared = await prepareReinstall(
    {
      state: options.state ?? config.state,
      profileFolders: [await profilesOf(options)],
      httpListen: config.http.listen,
      interfaceName: config.dhcp.interface,
    },
    {
      ...{ selection, action: options.action },
      how: power,
      inShell: shell === true,
      limits: { waveSize: wave, abortShare: abortIfFailed, timeoutMs: timeout },
      skipYoungerMs: skipYounger,
    },
  );
  const { planned, skipped } = prepared;
  if (options.dryRun) {
    const document = `${JSON.stringify(planned, null, 2)}\n`;
    process.stdout.write(options.json ? document : renderPlanned(planned, skipped));
    return;
  }
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
  // Whoever reads it has gone: nobody would see how it ends.
  process.stdout.once('error', stop);
  const text = createReinstallText({ byHand: power === 'none' });
  // Progress is for people.
  const out = options.json ? process.stderr : process.stdout;
  const report = await prepared.run((event) => void out.write(text.lines(event)), abort.signal);
  const document = reportDocument(report);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : text.end(report, { skipped, skipYoungerMs: skipYounger }),
  );
  process.exitCode = document.isComplete ? 0 : 1;
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100_000) return count;
  throw new InvalidArgumentError('expected a whole number from 1');
}

function readShare(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  const share = Number(match?.[1] ?? Number.NaN) / 100;
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('expected a share from 0% to 100%');
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function readMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6}(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const elapsedMs = Number(count) * (units[unit] ?? Number.NaN);
  if (count !== '' && elapsedMs >= 1_000) return elapsedMs;
  throw new InvalidArgumentError('expected a time such as 90s, 30m or 2h');
}
