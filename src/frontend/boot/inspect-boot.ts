import type { BootPlan } from '../../protocol/boot-plan.ts';
import { BootTextError } from '../../protocol/boot-text.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { HostLink } from './host-links.ts';
import { type BootSettings, planBoot } from './plan-boot.ts';
import type { BootRoots } from './roots.ts';

export type InspectedFile = {
  /** As the loader asks for it. */
  readonly name: string;
  /** From the general root; undefined: it would not be sent. */
  readonly foundAt: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly reason: string | undefined;
};

/** What a machine would boot now, and with which files. */
export type BootInspection = {
  readonly kind: BootPlan['kind'];
  /** Kernel arguments; undefined where no kernel is booted. */
  readonly args: string | undefined;
  /** Why it is not what its boot action says. */
  readonly warning: string | undefined;
  readonly files: readonly InspectedFile[];
  /** What stands in its own root. */
  readonly links: readonly HostLink[];
};

/** Looks without telling anybody: unlike a loader's request it changes no boot state. */
export type InspectBoot = (
  node: MachineNode,
  frontend: { readonly server: string },
) => Promise<BootInspection>;

export type InspectBootDeps = { readonly roots: Pick<BootRoots, 'resolve' | 'listLinks'> };

/** What stands in arguments in the place of the install's token. */
const noToken = 'TOKEN';

export function createInspectBoot({ roots }: InspectBootDeps, settings: BootSettings): InspectBoot {
  return async (node, { server }) => {
    const planned = plan(node, settings, server);
    const names = planned.kind === 'kernel' ? [planned.kernel, ...planned.initrds] : [];
    const files = await Promise.all(
      names.map(async (name): Promise<InspectedFile> => {
        const found = await roots.resolve(node, name, { protocol: 'http', server });
        const file = found.kind === 'file' ? found : undefined;
        const reason = found.kind === 'refuse' ? found.reason : undefined;
        return { name, foundAt: file?.path, sizeBytes: file?.sizeBytes, reason };
      }),
    );
    const { kind, args, warning } = planned;
    return { kind, args, warning, files, links: await roots.listLinks(node) };
  };
}

type Planned = Pick<BootInspection, 'kind' | 'args' | 'warning'> & {
  readonly kernel: string;
  readonly initrds: readonly string[];
};

const nothing = { kernel: '', initrds: [], args: undefined } as const;

function plan(node: MachineNode, settings: BootSettings, server: string): Planned {
  try {
    const { plan: boot, warning } = planBoot(node, settings, { server, token: noToken });
    if (boot.kind !== 'kernel') return { ...nothing, kind: boot.kind, warning };
    const { kernel, initrds, args } = boot;
    return { kind: 'kernel', kernel, initrds, args, warning };
  } catch (error) {
    if (!(error instanceof BootTextError)) throw error;
    return { ...nothing, kind: 'local', warning: error.message };
  }
}
