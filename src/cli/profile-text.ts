import type { ProfilesOfFolders } from '../frontend/profiles/main.ts';
import { renderTable } from '../runtime/table.ts';

type ProfileSummary = ReturnType<ProfilesOfFolders['show']>;
type ProfileProblem = ProfileSummary['problems'][number];
type CheckReport = ReturnType<ProfilesOfFolders['check']>;
type ProfileFinding = CheckReport['problems'][number];

const dash = '–';

export function renderProfiles(profiles: readonly ProfileSummary[]): string {
  const rows = profiles.map(({ name, declared, problems }) => [
    name,
    declared?.output ?? dash,
    declared?.os ?? dash,
    declared?.tree ?? dash,
    problems.length > 0
      ? `${problems.length} problems; see 'scree profile check'`
      : (declared?.description ?? ''),
  ]);
  return renderTable(['PROFILE', 'OUTPUT', 'OS', 'TREE', 'WHAT'], rows);
}

export function renderProfile({ name, file, declared }: ProfileSummary): string {
  if (declared === undefined) return `${name} in ${file} cannot be used\n`;
  const { output, os, tree, description } = declared;
  const head = [
    `${name}: ${description}`,
    `${output}, operating system ${os}, tree ${tree}, from ${file}`,
  ];
  const rows = [...declared.attributes.values()].map((attribute) => [
    attribute.name,
    attribute.isSecret ? `${attribute.type}, secret` : attribute.type,
    attribute.defaultValue === undefined ? 'has to be set' : renderValue(shownDefault(attribute)),
    attribute.description,
  ]);
  return `${head.join('\n')}\n${renderTable(['ATTRIBUTE', 'TYPE', 'DEFAULT', 'WHAT'], rows)}`;
}

export function renderChecked({ profiles, nodes }: CheckReport): string {
  return `${countOf(profiles, 'profile')} and ${countOf(nodes, 'node')} are well\n`;
}

/** One line each: place, what is wrong, and for which nodes. */
export function renderFinding({ profile, nodes, problem }: ProfileFinding): string {
  if (profile === '') return renderProblem(problem);
  const forWhom = nodes.length > 0 ? some(nodes) : 'with its defaults';
  const isOfNodes = nodes.length > 0 || problem.code === 'warning';
  return `${renderProblem(problem)} (profile ${profile}${isOfNodes ? `, ${forWhom}` : ''})`;
}

export function renderProblem({ place, message }: ProfileProblem): string {
  return place === undefined ? message : `${place.file}:${place.line}: ${message}`;
}

type Attribute = {
  readonly isSecret: boolean;
  readonly defaultValue: unknown;
};

/** Of a secret, no more than that there is one. */
export function shownDefault({ isSecret, defaultValue }: Attribute): unknown {
  const isEmpty = defaultValue === undefined || String(defaultValue) === '';
  return isSecret && !isEmpty ? '(secret)' : defaultValue;
}

function renderValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '""' : String(value);
}

function some(nodes: readonly string[]): string {
  const shown = nodes.slice(0, 3).join(', ');
  return nodes.length > 3 ? `${shown} and ${nodes.length - 3} more` : shown;
}

function countOf({ length }: readonly string[], word: string): string {
  return `${length} ${word}${length === 1 ? '' : 's'}`;
}
