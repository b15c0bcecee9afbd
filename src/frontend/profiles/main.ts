import { fileURLToPath } from 'node:url';
import type { ResolvedHost } from '../attributes/types.ts';
import { type CheckInput, type CheckReport, checkProfiles } from './check.ts';
import { ProfileError, throwProblems } from './errors.ts';
import { chooseFragments, type Plan, planProfile } from './graph.ts';
import { type Catalog, createCatalogReader } from './load.ts';
import { renderAutoinstall } from './render-autoinstall.ts';
import { type RenderInput, renderKickstart } from './render-kickstart.ts';
import { renderPreseed } from './render-preseed.ts';
import { renderScript } from './render-script.ts';
import { scopeOf } from './scope.ts';
import { createSections } from './sections.ts';
import type {
  DeclaredProfile,
  ProfileOutput,
  ProfileProblem,
  ProfileSummary,
  Profiles,
  RenderContext,
  Rendered,
} from './types.ts';

/** What the command line can do with profiles; all of it throws ProfileError. */
export type ProfilesOfFolders = Pick<Profiles, 'list'> & {
  /** Of a name that is none, the error lists those that there are. */
  readonly show: (name: string) => ProfileSummary;
  /** See checkProfiles. */
  readonly check: (input: Omit<CheckInput, 'profiles'>) => CheckReport;
};

/** The profiles that come with the program. */
export const shippedProfiles = fileURLToPath(new URL('../../../profiles', import.meta.url));

/** `own` goes before what is shipped. */
export function openProfiles({ own }: { readonly own: string }): ProfilesOfFolders {
  const profiles = createProfiles({ folders: [own, shippedProfiles] });
  const show = (name: string): ProfileSummary => {
    const found = profiles.list().find((each) => each.name === name);
    // Says which there are.
    return found ?? { name, file: '', declared: profiles.declared(name), problems: [] };
  };
  const check = (input: Omit<CheckInput, 'profiles'>): CheckReport => {
    for (const name of input.names) show(name);
    return checkProfiles({ profiles, ...input });
  };
  return { list: profiles.list, show, check };
}

const renderers: Readonly<Record<ProfileOutput, (input: RenderInput) => Rendered>> = {
  kickstart: renderKickstart,
  preseed: renderPreseed,
  autoinstall: renderAutoinstall,
  script: renderScript,
};

export function createProfiles({ folders }: { readonly folders: readonly string[] }): Profiles {
  const read = createCatalogReader(folders);
  let catalog: Catalog | undefined;
  const plans = new Map<string, Plan | readonly ProfileProblem[]>();

  return { list, declared, render, warnings, problems: () => current().problems };

  function list(): readonly ProfileSummary[] {
    const { profiles } = current();
    return [...profiles.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, file }) => {
        const plan = planOf(name);
        return 'declared' in plan
          ? { name, file, declared: plan.declared, problems: plan.problems }
          : { name, file, declared: undefined, problems: plan };
      });
  }

  function declared(profile: string): DeclaredProfile {
    return wholePlan(profile).declared;
  }

  function render(host: ResolvedHost, context: RenderContext): Rendered {
    const plan = wholePlan(host.profile);
    const { scope, problems } = scopeOf(host, plan.declared, context);
    throwProblems(problems);
    const chosen = chooseFragments(current(), plan, scope);
    const sections = createSections(chosen.fragments, scope);
    const rendered = renderers[plan.declared.output]({
      host,
      declared: plan.declared,
      context,
      sections,
    });
    throwProblems([...chosen.problems, ...sections.problems]);
    return rendered;
  }

  function warnings(host: ResolvedHost, context: RenderContext): readonly ProfileProblem[] {
    const plan = wholePlan(host.profile);
    const { scope } = scopeOf(host, plan.declared, context);
    return chooseFragments(current(), plan, scope).warnings.map(({ say, place }) => ({
      code: 'warning',
      place,
      attribute: undefined,
      message: say,
    }));
  }

  function wholePlan(profile: string): Plan {
    current();
    const plan = planOf(profile);
    const problems = 'declared' in plan ? plan.problems : plan;
    throwProblems(problems);
    if ('declared' in plan) return plan;
    throw new ProfileError([
      {
        code: 'bad-profile',
        place: undefined,
        attribute: undefined,
        message: `expected a whole profile '${profile}'`,
      },
    ]);
  }

  /** As the folders are now; what was made of them before is forgotten when they changed. */
  function current(): Catalog {
    const now = read();
    if (now !== catalog) plans.clear();
    catalog = now;
    return now;
  }

  function planOf(profile: string): Plan | readonly ProfileProblem[] {
    const known = plans.get(profile);
    if (known !== undefined) return known;
    const plan = planProfile(catalog ?? current(), profile);
    // Names that are no profiles come from outside.
    if ('declared' in plan) plans.set(profile, plan);
    return plan;
  }
}
