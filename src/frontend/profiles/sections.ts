import { writeKickstart } from './escape-kickstart.ts';
import { writePackages } from './escape-packages.ts';
import { writePreseed } from './escape-preseed.ts';
import { writeShell } from './escape-shell.ts';
import type { Fragment, SectionName } from './load.ts';
import type { Piece, Written } from './pieces.ts';
import type { Scope } from './template.ts';
import type { Place, ProfileProblem } from './types.ts';
import { mergeUserData, readUserData, type UserData } from './user-data.ts';

/** What one fragment gives to a section. */
export type Part = { readonly fragment: string; readonly place: Place; readonly text: string };

type TextSection = Exclude<SectionName, 'user-data.yaml'>;

const writers: Readonly<Record<TextSection, (pieces: readonly Piece[], file: string) => Written>> =
  {
    ks: writeKickstart,
    packages: writePackages,
    selections: writePackages,
    preseed: writePreseed,
    'pre.sh': writeShell,
    'install.sh': writeShell,
    'post.sh': writeShell,
    'late.sh': writeShell,
  };

/** The sections of a host's fragments, in their order; what is wrong gathers in `problems`. */
export type Sections = {
  readonly fragments: readonly Fragment[];
  readonly parts: (section: TextSection) => readonly Part[];
  /** Each package once, as the files have it. */
  readonly packages: (section: 'packages' | 'selections') => readonly string[];
  readonly userData: () => UserData;
  readonly problems: ProfileProblem[];
};

export function createSections(fragments: readonly Fragment[], scope: Scope): Sections {
  const problems: ProfileProblem[] = [];
  const partsOf = (fragment: Fragment, section: TextSection): readonly Part[] => {
    const template = fragment.sections.get(section);
    if (template === undefined) return [];
    const { file } = template;
    const rendered = template.render(scope);
    const written = writers[section](rendered.pieces, file);
    problems.push(...(rendered.problems.length > 0 ? rendered.problems : written.problems));
    const text = written.text.replace(/\s+$/, '');
    return text.trim() === '' ? [] : [{ fragment: fragment.name, place: { file, line: 1 }, text }];
  };
  const written = new Map<TextSection, readonly Part[]>();
  const parts = (section: TextSection): readonly Part[] => {
    const known = written.get(section);
    if (known !== undefined) return known;
    const made = fragments.flatMap((fragment) => partsOf(fragment, section));
    written.set(section, made);
    return made;
  };
  const packages = (section: 'packages' | 'selections') => [
    ...new Set(parts(section).flatMap(({ text }) => text.split('\n'))),
  ];
  const userData = (): UserData =>
    fragments.reduce<UserData>((whole, { sections }): UserData => {
      const template = sections.get('user-data.yaml');
      if (template === undefined) return whole;
      const rendered = template.render(scope);
      const read = readUserData(rendered.pieces, template.file);
      problems.push(...(rendered.problems.length > 0 ? rendered.problems : read.problems));
      return asMapping(mergeUserData(whole, read.value));
    }, {});
  return { fragments, parts, packages, userData, problems };
}

function asMapping(value: unknown): UserData {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
