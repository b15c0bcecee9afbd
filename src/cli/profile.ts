import type { Command } from 'commander';
import type { ProfilesOfFolders } from '../frontend/profiles/main.ts';
import { hasErrorCode } from '../runtime/errors.ts';
import { type CommonOptions, common, openAttributes, print, profilesOf } from './node-context.ts';
import {
  renderChecked,
  renderFinding,
  renderProblem,
  renderProfile,
  renderProfiles,
  shownDefault,
} from './profile-text.ts';

/** `scree profile …`: what nodes install. */
export function register(program: Command): void {
  const profile = program.command('profile').description('Profiles: what machines install.');
  common(profile.command('list')).description('All profiles.').action(list);
  common(profile.command('show <name>'))
    .description('A profile, with the attributes that it knows.')
    .action(show);
  common(profile.command('check [names...]'))
    .description(
      'Generate the install script of every node, and of a made-up one for each profile, and tell ' +
        'all that is wrong. Ends with 1 when something is.',
    )
    .action(check);
}

async function list(options: CommonOptions): Promise<void> {
  const profiles = (await open(options)).list();
  const documents = profiles.map(documentOf);
  print(options, { profiles: documents }, () => renderProfiles(profiles));
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const profile = (await open(options)).show(name);
  for (const problem of profile.problems)
    process.stderr.write(`scree: ${renderProblem(problem)}\n`);
  if (profile.problems.length > 0) process.exitCode = 1;
  print(options, documentOf(profile), () => renderProfile(profile));
}

async function check(names: readonly string[], options: CommonOptions): Promise<void> {
  const profiles = await open(options);
  const hosts = await resolveAll(options);
  const report = profiles.check({ hosts, names });
  const { problems, warnings } = report;
  if (problems.length > 0) process.exitCode = 1;
  if (options.json) return print(options, report, () => '');
  for (const each of problems) process.stderr.write(`scree: ${renderFinding(each)}\n`);
  for (const each of warnings) process.stderr.write(`scree: warning: ${renderFinding(each)}\n`);
  if (problems.length === 0) process.stdout.write(renderChecked(report));
}

/** Every node with its attributes; none is as well. */
async function resolveAll(options: CommonOptions) {
  const attributes = await openAttributes(options);
  try {
    return attributes.resolve(['all']);
  } catch (error) {
    if (hasErrorCode(error, 'nothing-selected')) return [];
    throw error;
  }
}

async function open(options: CommonOptions): Promise<ProfilesOfFolders> {
  const { openProfiles } = await import('../frontend/profiles/main.ts');
  return openProfiles({ own: await profilesOf(options) });
}

function documentOf({ name, file, declared, problems }: ReturnType<ProfilesOfFolders['show']>) {
  if (declared === undefined) return { name, file, problems };
  const attributes = [...declared.attributes.values()].map((attribute) => ({
    name: attribute.name,
    type: attribute.type,
    default: shownDefault(attribute) ?? null,
    secret: attribute.isSecret,
    oneOf: attribute.isSecret ? null : (attribute.oneOf ?? null),
    description: attribute.description,
    declaredAt: attribute.place,
  }));
  const { output, os, tree, description } = declared;
  return { name, file, output, os, tree, description, attributes, problems };
}
