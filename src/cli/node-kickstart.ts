import type { Command } from 'commander';
import { configFrom } from './config-option.ts';
import { type CommonOptions, common, print, profilesOf, stateOf, usage } from './node-context.ts';

type Options = CommonOptions & { readonly file?: string };

/** `scree node kickstart`: what its installer reads, secrets and token included. */
export function registerKickstart(node: Command): void {
  common(node.command('kickstart <name>'))
    .description(
      'Print exactly what the installer of a machine will be sent: kickstart, preseed or ' +
        'autoinstall, secrets included. Changes nothing.',
    )
    .option('--file <name>', 'one of the files that belong to it, such as late.sh')
    .action(show);
}

async function show(name: string, options: Options, command: Command): Promise<void> {
  const { renderKickstart } = await import('../frontend/kickstart/main.ts');
  const rendered = await renderKickstart(name, {
    state: await stateOf(options),
    profiles: await profilesOf(options),
    httpListen: (await configFrom(options)).http.listen,
  });
  const files = Object.fromEntries([...rendered.files].map(([file, { text }]) => [file, text]));
  const { output, contentType } = rendered;
  const text = options.file === undefined ? rendered.text : files[options.file];
  if (text === undefined) {
    const names = Object.keys(files).join(', ') || 'there are none';
    return usage(command, `expected one of the files of ${name} (${names})`);
  }
  print(options, { name, output, contentType, text: rendered.text, files }, () => text);
}
