import { createHash } from 'node:crypto';

export type RpmFile = { readonly path: string; readonly sizeBytes: number };

export type RpmPackage = {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
  /** Incompressible ones, made here. */
  readonly files: readonly RpmFile[];
  /** Lines of %files for what is there besides. */
  readonly otherFiles: readonly string[];
  /** A %post script. */
  readonly script: string | undefined;
};

/** The package that requires all others. */
export const topPackage = 'rack-everything';
/** The package that carries /bin/sh, for scripts and for a look around in the chroot. */
export const shellPackage = 'rack-shell';

const bigSizesBytes = [30, 20, 14, 12, 10, 8, 6, 5, 4, 4, 3, 3, 2, 2, 2].map((mb) => mb * 1e6);
const smallCount = 50;
const plainPackage = { requires: [], files: [], otherFiles: [], script: undefined };

/** Some 130 MB in 67 packages; each needs the one before it or some of the earlier ones. */
export function planPackages(): readonly RpmPackage[] {
  const count = bigSizesBytes.length + smallCount;
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  return [
    {
      ...plainPackage,
      name: shellPackage,
      version: '1.35',
      otherFiles: ['/bin/busybox', '/bin/sh'],
    },
    ...names.map((name, index) => planPackage(name, index, names)),
    { ...plainPackage, name: topPackage, version: '1.0', requires: [shellPackage, ...names] },
  ];
}

/** One spec file that builds them all from a build root that holds their files. */
export function renderSpec(packages: readonly RpmPackage[]): string {
  return [
    '%global __os_install_post %{nil}',
    '%global _build_id_links none',
    'Name: rack',
    'Version: 1',
    'Release: 1',
    'Summary: Packages of every size',
    'License: MIT',
    'AutoReqProv: no',
    '%description',
    'Not built itself.',
    '%install',
    'cp -a %{_sourcedir}/. %{buildroot}/',
    ...packages.flatMap(renderPackage),
    '',
  ].join('\n');
}

// The characters that a name and a version may hold, in the names that real packages have.
function nameOf(index: number): string {
  const forms = ['stone', 'libstone++', 'stone_tools', 'python3-stone.core', 'Stone-devel'];
  return `${forms[index % forms.length]}-${index}`;
}

function versionOf(index: number): string {
  const suffixes = ['', '~rc1', '+git20240229', '^1.g4f2a', '~beta2+ds'];
  return `${1 + (index % 3)}.${index}${suffixes[index % suffixes.length]}`;
}

function planPackage(name: string, index: number, names: readonly string[]): RpmPackage {
  const fileCount = 1 + Math.floor(fraction(`files ${index}`) * 5);
  const sizeBytes = sizeOf(index);
  const files = Array.from({ length: fileCount }, (_, each) => ({
    path: `/usr/share/${name}/${each === 1 ? 'Größe ' : 'part-'}${each}`,
    sizeBytes: Math.floor(sizeBytes / fileCount),
  }));
  const hasScript = index % 8 === 3;
  const script = hasScript ? `echo ${name} >> /var/log/installed.log` : undefined;
  const requires = [...(hasScript ? [shellPackage] : []), ...requiredBy(index, names)];
  return { name, version: versionOf(index), requires, files, otherFiles: [], script };
}

/** The first twenty form a chain, the others need up to three earlier ones. */
function requiredBy(index: number, names: readonly string[]): string[] {
  if (index < 20) return names.slice(Math.max(0, index - 1), index);
  const picked = [0, 1, 2].map((each) => Math.floor(fraction(`${index} needs ${each}`) * index));
  return [...new Set(picked)].flatMap((each) => names[each] ?? []);
}

/** The big ones lie between the small ones, whose sizes are log-normal with a median of 60 KB. */
function sizeOf(index: number): number {
  const big = index % 4 === 1 ? bigSizesBytes[(index - 1) / 4] : undefined;
  if (big !== undefined) return big;
  const radius = Math.sqrt(-2 * Math.log(fraction(`radius ${index}`)));
  const normal = radius * Math.cos(2 * Math.PI * fraction(`angle ${index}`));
  return Math.min(Math.max(Math.round(60_000 * Math.exp(1.3 * normal)), 5_000), 2_000_000);
}

/** A number in (0, 1) that depends on `seed` only. */
function fraction(seed: string): number {
  return (createHash('sha256').update(seed).digest().readUInt32BE() + 0.5) / 2 ** 32;
}

function renderPackage(rpm: RpmPackage): string[] {
  const { name, version, requires, files, otherFiles, script } = rpm;
  return [
    `%package -n ${name}`,
    `Version: ${version}`,
    `Summary: ${name}`,
    ...requires.map((each) => `Requires: ${each}`),
    `%description -n ${name}`,
    `A package of ${files.length} files.`,
    `%files -n ${name}`,
    ...files.map(({ path }) => `"${path}"`),
    ...otherFiles,
    ...(script === undefined ? [] : [`%post -n ${name}`, script]),
  ];
}
