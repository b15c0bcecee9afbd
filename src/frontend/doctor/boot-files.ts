import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBootConfigName } from '../../protocol/boot-config-name.ts';
import { messageOf } from '../../runtime/errors.ts';
import { loaderFiles, rareLoaderFiles } from '../boot/import-layouts.ts';
import { agentImage } from '../boot/plan-boot.ts';
import type { Config } from '../config.ts';
import type { BootFileRule } from '../dhcp/types.ts';
import { countBootActions } from '../nodes/count-boot-actions.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export type BootFilesFacts = {
  /** The general root. */
  readonly folder: string;
  /** Loaders that machines are told to fetch, and those that are there. */
  readonly loaders: ReadonlyMap<string, boolean>;
  /** What a loader that is there loads by itself, and has not got: `pxelinux.0` → `ldlinux.c32`. */
  readonly lacking: ReadonlyMap<string, readonly string[]>;
  readonly actions: readonly ActionFacts[];
  /** Why it is not known which machines boot what. */
  readonly nodesTrouble: string | undefined;
};

type ActionFacts = {
  readonly name: string;
  readonly files: ReadonlyMap<string, boolean>;
  /** Machines that boot it next. */
  readonly nodeCount: number;
};

/** What each loader cannot do without, in its own folder. */
const companions: ReadonlyMap<string, readonly string[]> = new Map([
  ['pxelinux.0', ['ldlinux.c32']],
  ['lpxelinux.0', ['ldlinux.c32']],
  ['syslinux.efi', ['ldlinux.e64']],
  ['shimx64.efi', ['grubx64.efi']],
  ['shimia32.efi', ['grubia32.efi']],
  ['shimaa64.efi', ['grubaa64.efi']],
  ['grub.elf', ['grub/powerpc-ieee1275/normal.mod']],
]);

const importable = new Set([...loaderFiles, ...rareLoaderFiles].map(({ to }) => to));

export async function lookAtBootFiles(
  { state, boot }: Pick<Config, 'state' | 'boot'>,
  rules: readonly BootFileRule[],
): Promise<BootFilesFacts> {
  const folder = join(state, 'tftpboot');
  const loaders = await whichAreThere(folder, loadersOf(rules));
  const lacking = new Map<string, readonly string[]>();
  for (const [loader, isThere] of loaders) {
    const wanted = isThere ? (companions.get(loader) ?? []) : [];
    const missing = missingOf(await whichAreThere(folder, wanted));
    if (missing.length > 0) lacking.set(loader, missing);
  }
  const { counts, trouble } = await countActions(state);
  const actions: ActionFacts[] = [];
  for (const [name, plan] of boot.actions) {
    if (plan.kind === 'local') continue;
    const files = await whichAreThere(folder, [plan.kernel, ...plan.initrds]);
    const nodeCount = counts.get(name) ?? 0;
    // Not every rack has it.
    if (name === 'debut' && nodeCount === 0 && missingOf(files).length > 0) continue;
    actions.push({ name, files, nodeCount });
  }
  return { folder, loaders, lacking, actions, nodesTrouble: trouble };
}

/** Loaders, and the kernels and ramdisks of the boot actions. */
export function checkBootFiles(facts: BootFilesFacts): readonly Finding[] {
  const trouble = facts.nodesTrouble;
  return [
    checkLoaders(facts),
    ...[...facts.lacking].map(([loader, missing]) =>
      problem(
        'loaders',
        `${loader} is there without ${missing.join(', ')}, which it loads`,
        adviceFor(missing),
      ),
    ),
    ...facts.actions.map(checkAction),
    ...(trouble === undefined
      ? []
      : [
          warning('nodes', `could not be read: ${trouble}`, 'run doctor as the owner of the state'),
        ]),
  ];
}

function checkLoaders({ loaders, folder }: BootFilesFacts): Finding {
  const missing = missingOf(loaders);
  const there = [...loaders.keys()].filter((name) => !missing.includes(name));
  if (there.length === 0 && missing.length > 0) {
    return problem('loaders', `none is in '${folder}': no machine can boot`, importAll);
  }
  // A rack has one kind of machine or two; nobody needs the loaders of all.
  const rest = missing.length === 0 ? '' : `; without ${missing.join(', ')}, for other machines`;
  return ok('loaders', `${there.join(', ') || 'none is needed'}${rest}`);
}

function checkAction({ name, files, nodeCount }: ActionFacts): Finding {
  const check = `boot action ${name}`;
  const missing = missingOf(files);
  if (missing.length === 0) return ok(check, `${[...files.keys()].join(', ')}`);
  const text = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there`;
  if (nodeCount === 0) return warning(check, text, adviceFor(missing));
  const who = nodeCount === 1 ? 'a node boots' : `${nodeCount} nodes boot`;
  return problem(check, `${text}, and ${who} it next`, adviceFor(missing));
}

const importAll =
  "scree boot import debian-netboot, or an installer's ISO image or folder in its place";

function adviceFor(missing: readonly string[]): string {
  const isImported = missing.some((name) => importable.has(name) || name.startsWith('debian/'));
  if (missing.some((name) => name.startsWith('debut/'))) return 'scree image build --ramdisk';
  if (missing.includes(agentImage) && missing.length === 1) return 'scree image build';
  return isImported ? importAll : "put it into 'tftpboot' of the state folder, or correct 'boot:'";
}

/** Files of the general root only: no URL of another server, nothing that is made when asked for. */
function loadersOf(rules: readonly BootFileRule[]): readonly string[] {
  const own = rules.filter(({ nextServer }) => nextServer === undefined);
  const names = own.flatMap(({ filename }) => {
    const name = filename.replace(/^\{http\}\/boot\//, '').replace(/^\/+/, '');
    const isElsewhere = name === '' || /[{}]|:\/\//.test(name) || name.startsWith('install/');
    return isElsewhere || parseBootConfigName(name) !== undefined ? [] : [name];
  });
  return [...new Set(names)];
}

async function whichAreThere(
  folder: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, boolean>> {
  const isThere = (name: string) =>
    stat(join(folder, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  return new Map(
    await Promise.all(names.map(async (name) => [name, await isThere(name)] as const)),
  );
}

function missingOf(files: ReadonlyMap<string, boolean>): readonly string[] {
  return [...files].flatMap(([name, isThere]) => (isThere ? [] : [name]));
}

async function countActions(state: string) {
  try {
    return { counts: await countBootActions(state), trouble: undefined };
  } catch (error) {
    return { counts: new Map<string, number>(), trouble: messageOf(error) };
  }
}
