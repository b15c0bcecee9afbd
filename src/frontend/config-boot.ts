import { BootTextError, checkBootPath } from '../protocol/boot-text.ts';
import type { GeneratorSettings } from './boot/generated.ts';
import {
  agentImage,
  type BootActions,
  builtInActions,
  checkBootActions,
} from './boot/plan-boot.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ConfigDocument } from './config-schema.ts';
import { builtInInstallActions } from './nodes/boot-actions.ts';

/** What machines boot, and how their loaders go on to the disk. */
export type BootConfig = {
  /** The built-in ones among them. */
  readonly actions: BootActions;
  /** The names of those that install: `install`, and any that say so. */
  readonly installActions: ReadonlySet<string>;
  /** What a machine boots whose install has failed: its disk, or a loader that waits. */
  readonly failed: 'disk' | 'wait';
  readonly localBoot: NonNullable<GeneratorSettings['localBoot']>;
  /** An install of which nothing is heard for so long has failed. */
  readonly silenceSeconds: number;
  /** True: a machine's address alone makes it boot its disk from now on (ROCKS' old form). */
  readonly trustsAddress: boolean;
};

type Section = ConfigDocument['boot'];
type Action = Section['actions'][string];

/** Where `scree boot import debian-netboot` puts them. */
const installer = { kernel: 'debian/linux', initrds: ['debian/initrd'], agent: agentImage };

/** The section `boot:`, and the actions that no machine could boot. */
export function readBoot(section: Section): {
  readonly boot: BootConfig;
  readonly problems: readonly ConfigProblem[];
} {
  const defined = Object.entries(section.actions);
  const plans = defined.map(([name, action]) => [name, planOf(name, action)] as const);
  const installing = defined.flatMap(([name, { installs }]) => (installs === true ? [name] : []));
  return {
    boot: {
      actions: new Map([...builtInActions(installer), ...plans]),
      installActions: new Set([...builtInInstallActions, ...installing]),
      failed: section.failed,
      localBoot: { pxelinux: section['pxelinux-local'], ipxe: section['ipxe-local'] },
      silenceSeconds: section.silence,
      trustsAddress: section['trust-address'],
    },
    problems: defined.flatMap(([name, action]) => findActionProblems(name, action)),
  };
}

function planOf(label: string, { kernel, initrds, args }: Action) {
  return { kind: 'kernel', label, kernel, initrds, args } as const;
}

function findActionProblems(name: string, action: Action): readonly ConfigProblem[] {
  const path = ['boot', 'actions', name];
  if (name === 'os') {
    return [{ path, message: "expected another name than 'os', which is to boot the disk" }];
  }
  if (builtInInstallActions.has(name) && action.installs === false) {
    return [{ path: [...path, 'installs'], message: `expected '${name}' to install, got no` }];
  }
  const { kernel, initrds } = action;
  const words = { ...planOf(name, action), kernel: 'linux', initrds: [] };
  return [
    ...problemsOf([...path, 'kernel'], () => checkBootPath(kernel)),
    ...initrds.flatMap((initrd) => problemsOf([...path, 'initrds'], () => checkBootPath(initrd))),
    ...problemsOf([...path, 'args'], () => checkBootActions(new Map([[name, words]]))),
  ];
}

function problemsOf(path: readonly string[], check: () => unknown): readonly ConfigProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof BootTextError)) throw error;
    const { code, message } = error;
    return [{ path: code === 'bad-label' ? path.slice(0, -1) : path, message }];
  }
}
