import type { InstallPhase, ProgressReport } from '../../protocol/install-progress.ts';

type Phases = ProgressReport['phases'];
type Packages = NonNullable<ProgressReport['packages']>;

/** How far the install on this machine is, as far as its agent knows. */
export type Story = {
  /** A phase begins. Told again it stays where it was, with the newer detail. */
  readonly phase: (name: InstallPhase, detail?: string, atMs?: number) => void;
  /** What the installer itself counts; from then on nothing else counts. */
  readonly packages: (done: number, total: number | undefined) => void;
  /** A file of a tree went to the installer. */
  readonly fileServed: (tree: string, path: string) => void;
  readonly read: () => { readonly phases: Phases; readonly packages: Packages | undefined };
};

export type StoryDeps = {
  readonly nowMs: () => number;
  /** A phase has begun: worth telling at once. */
  readonly onPhase: () => void;
};

/** An install has some thousands; more names than this are not kept, and not counted. */
const mostPackages = 20_000;

export function createStory({ nowMs, onPhase }: StoryDeps): Story {
  const phases = new Map<InstallPhase, Phases[number]>();
  const seen = new Set<string>();
  let told: Packages | undefined;
  const phase: Story['phase'] = (name, detail, atMs = nowMs()) => {
    const known = phases.get(name);
    const { detail: before } = known ?? {};
    const now = detail ?? before;
    phases.set(name, {
      name,
      atMs: known?.atMs ?? atMs,
      ...(now === undefined ? {} : { detail: now }),
    });
    if (known === undefined || now !== before) onPhase();
  };
  return {
    phase,
    packages: (done, total) => {
      told = { done, ...(total === undefined ? {} : { total }) };
      phase('packages');
    },
    fileServed: (tree, path) => {
      if (!isPackage(path) || seen.size >= mostPackages) return;
      seen.add(`${tree}/${path}`);
      phase('packages');
    },
    read: () => ({
      phases: [...phases.values()],
      packages: told ?? (seen.size > 0 ? { done: seen.size } : undefined),
    }),
  };
}

/** Parts of Debian's installer (`.udeb`) are none of the system's; it has no disk yet when it takes them. */
function isPackage(path: string): boolean {
  return /\.(?:deb|rpm)$/i.test(path);
}
