import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { type ProfileFile, profileName, readProfileFile } from './profile-file.ts';
import { parseTemplate, type Template } from './template.ts';
import type { ProfileProblem } from './types.ts';

/** Which installer reads what: see docs/profiles.md. */
export const sectionNames = [
  'ks',
  'packages',
  'pre.sh',
  'install.sh',
  'post.sh',
  'preseed',
  'late.sh',
  'selections',
  'user-data.yaml',
] as const;

export type SectionName = (typeof sectionNames)[number];

export type Fragment = ProfileFile & {
  readonly sections: ReadonlyMap<SectionName, Template>;
};

/** Everything that can be included, as the folders hold it now. */
export type Catalog = {
  readonly profiles: ReadonlyMap<string, ProfileFile>;
  readonly fragments: ReadonlyMap<string, Fragment>;
  /** What belongs to no profile, such as a folder that cannot be read. */
  readonly problems: readonly ProfileProblem[];
};

/** Reads the folders when something in them has changed, and only then. A folder may be missing. */
export function createCatalogReader(folders: readonly string[]): () => Catalog {
  let seen = '';
  let catalog: Catalog = { profiles: new Map(), fragments: new Map(), problems: [] };
  return () => {
    const listings = folders.map(listFolder);
    const now = JSON.stringify(listings);
    if (now !== seen) {
      catalog = readCatalog(listings);
      seen = now;
    }
    return catalog;
  };
}

type Listed = { readonly path: string; readonly name: string; readonly version: string };

type Listing = {
  readonly profiles: readonly Listed[];
  readonly fragments: readonly Listed[];
  readonly problems: readonly ProfileProblem[];
};

function listFolder(folder: string): Listing {
  const problems: ProfileProblem[] = [];
  const list = (path: string): readonly Listed[] => {
    try {
      return readdirSync(path)
        .sort()
        .flatMap((name) => versionOf(join(path, name), name));
    } catch (thrown) {
      if (!hasErrorCode(thrown, 'ENOENT')) problems.push(unreadable(path, thrown));
      return [];
    }
  };
  return { profiles: list(folder), fragments: list(join(folder, 'fragments')), problems };
}

/** Nothing for what is no file, or is gone by now. */
function versionOf(path: string, name: string): readonly Listed[] {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || name.startsWith('.') || name.endsWith('~')) return [];
  return [{ path, name, version: `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` }];
}

function readCatalog(listings: readonly Listing[]): Catalog {
  const profiles = new Map<string, ProfileFile>();
  const fragments = new Map<string, Fragment>();
  for (const listing of listings) {
    for (const { path, name } of listing.profiles) {
      const profile = /^(.*)\.yaml$/.exec(name)?.[1];
      if (profile === undefined || profiles.has(profile)) continue;
      profiles.set(profile, readYaml('profile', { name: profile, path }));
    }
    const own = Map.groupBy(listing.fragments, ({ name }) => splitName(name)?.fragment ?? '');
    for (const [fragment, files] of own) {
      if (fragment === '' || fragments.has(fragment)) continue;
      fragments.set(fragment, readFragment(fragment, files));
    }
  }
  const stray = listings.flatMap((listing) => listing.fragments.flatMap(strayFile));
  const problems = [...listings.flatMap((listing) => listing.problems), ...stray];
  return { profiles, fragments, problems };
}

function readFragment(name: string, files: readonly Listed[]): Fragment {
  const yaml = files.find((file) => splitName(file.name)?.section === 'yaml');
  const head: ProfileFile =
    yaml === undefined
      ? readProfileFile('fragment', { name, file: files[0]?.path ?? '', text: '' })
      : readYaml('fragment', { name, path: yaml.path });
  const sections = new Map<SectionName, Template>();
  const problems = [...head.problems];
  for (const { path, name: fileName } of files) {
    const section = sectionNames.find((each) => each === splitName(fileName)?.section);
    if (section === undefined) continue;
    const text = readText(path);
    const template =
      typeof text === 'string'
        ? parseTemplate(text, { file: path, line: 1 })
        : { problems: [text] };
    if ('problems' in template) problems.push(...template.problems);
    else sections.set(section, template);
  }
  return { ...head, sections, problems };
}

function readYaml(
  kind: 'profile' | 'fragment',
  { name, path }: { readonly name: string; readonly path: string },
): ProfileFile {
  const text = readText(path);
  if (typeof text === 'string') return readProfileFile(kind, { name, file: path, text });
  return { ...readProfileFile(kind, { name, file: path, text: '' }), problems: [text] };
}

function readText(path: string): string | ProfileProblem {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (thrown) {
    return unreadable(path, thrown);
  }
}

/** `disk.post.sh` is section `post.sh` of fragment `disk`. */
function splitName(
  name: string,
): { readonly fragment: string; readonly section: string } | undefined {
  const section = ['yaml', ...sectionNames]
    .toSorted((a, b) => b.length - a.length)
    .find((each) => name.endsWith(`.${each}`));
  if (section === undefined) return undefined;
  const fragment = name.slice(0, -section.length - 1);
  return profileName.test(fragment) ? { fragment, section } : undefined;
}

function strayFile({ path, name }: Listed): readonly ProfileProblem[] {
  if (splitName(name) !== undefined || /\.(?:md|txt)$/.test(name)) return [];
  const sections = sectionNames.map((each) => `.${each}`).join(', ');
  const message = `expected a fragment's file: NAME.yaml or NAME with ${sections}; NAME of a-z, 0-9, . _ -`;
  return [{ code: 'bad-profile', place: { file: path, line: 1 }, attribute: undefined, message }];
}

function unreadable(path: string, thrown: unknown): ProfileProblem {
  const message = `expected to read it, got: ${messageOf(thrown)}`;
  return { code: 'unreadable', place: { file: path, line: 1 }, attribute: undefined, message };
}
