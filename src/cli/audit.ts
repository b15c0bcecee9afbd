import { type Command, InvalidArgumentError } from 'commander';
import { renderAudit } from './audit-text.ts';
import { type CommonOptions, common, openOperators, print } from './node-context.ts';

type AuditOptions = CommonOptions & { readonly lines: number; readonly target?: string };

const mostLines = 100_000;

/** `scree audit`: who changed what, when, and from where. */
export function register(program: Command): void {
  common(program.command('audit'))
    .description('What operators have changed: when, who, from where, and what. The newest last.')
    .option('-n, --lines <number>', 'how many entries', parseLines, 50)
    .option(
      '--target <name>',
      'only what concerns this: a node, a token, or a scope of attributes such as "role compute"',
    )
    .action(audit);
}

async function audit(options: AuditOptions): Promise<void> {
  const { lines: limit, target } = options;
  const entries = (await openOperators(options)).audit({ limit, target });
  print(options, entries, () => renderAudit(entries, target));
}

function parseLines(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= mostLines) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${mostLines}.`);
}
