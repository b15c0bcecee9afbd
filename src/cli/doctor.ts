import type { Command } from 'commander';
import { addConfigOption, type ConfigOption } from './config-option.ts';
import { renderFindings } from './doctor-text.ts';

type DoctorFlags = ConfigOption & { readonly json?: boolean };

/** `scree doctor`: what keeps a rack from being installed, before it is tried. */
export function register(program: Command): void {
  addConfigOption(program.command('doctor'))
    .description(
      'Look at ports, interface, other DHCP servers, boot files, trees, clock, disk and limits, and ' +
        'say what to do. Changes nothing; ends with 1 when there is a problem. Sees all as root.',
    )
    .option('--json', 'answer in JSON')
    .action(runDoctor);
}

async function runDoctor({ config, json }: DoctorFlags): Promise<void> {
  const { examine } = await import('../frontend/doctor/main.ts');
  const findings = await examine({ configPath: config });
  if (findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
  process.stdout.write(
    json ? `${JSON.stringify({ findings }, null, 2)}\n` : renderFindings(findings),
  );
}
