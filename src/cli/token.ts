import type { Command } from 'commander';
import { type CommonOptions, common, openOperators, print } from './node-context.ts';
import { renderMade, renderRevoked, renderTokens } from './token-text.ts';

type CreateOptions = CommonOptions & { readonly scope: string; readonly expires?: string };

/** `scree token …`: who may use the API from other machines. */
export function register(program: Command): void {
  const token = program
    .command('token')
    .description('Tokens of operators: who may use the API from other machines.');
  common(token.command('create <name>'))
    .description('Make a token. It is printed once, on stdout; only a hash of it is kept.')
    .option(
      '--scope <scope>',
      'read: look; boot: decide what machines boot, too; admin: everything',
      'read',
    )
    .option('--expires <time>', 'how long it is good, such as 30d, 12h or 90m (default: for ever)')
    .action(create);
  common(token.command('list')).description('All tokens, without what they are.').action(list);
  common(token.command('revoke <names...>'))
    .description('Make tokens good for nothing, at once.')
    .action(revoke);
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const { scope, expires } = options;
  const made = (await openOperators(options)).create({ name, scope, expires });
  print(options, made, () => `${made.secret}\n`);
  // Not among what a script reads.
  if (!options.json) process.stderr.write(renderMade(made.token));
}

async function list(options: CommonOptions): Promise<void> {
  const tokens = (await openOperators(options)).list();
  print(options, tokens, () => renderTokens(tokens));
}

async function revoke(names: readonly string[], options: CommonOptions): Promise<void> {
  const revoked = (await openOperators(options)).revoke(names);
  print(options, revoked, () => renderRevoked(revoked));
}
