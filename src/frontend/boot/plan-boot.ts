import type { BootChoice } from '../../protocol/boot-plan.ts';
import { BootTextError, checkKernelPlan, type KernelPlan } from '../../protocol/boot-text.ts';
import { builtInInstallActions } from '../nodes/boot-actions.ts';
import type { MachineNode } from '../nodes/types.ts';

/**
 * Boot actions by name. The arguments may hold `{node}`, `{role}`, `{rack}`, `{rank}`, `{address}`
 * `{server}` (`host[:port]` of the frontend's HTTP server), `{frontend}` (that host alone) and `{token}` (of the node's latest
 * install); what a machine has not, is empty.
 */
export type BootActions = ReadonlyMap<string, BootChoice>;

/** What the arguments say of the frontend. */
export type FrontendValues = { readonly server: string; readonly token: string };

export type BootSettings = {
  readonly actions: BootActions;
  /** The names of those that install; `install` unless given. */
  readonly installActions?: ReadonlySet<string>;
  /** What a machine does whose install has failed: it boots its disk unless given. */
  readonly failed?: 'disk' | 'wait';
  /** Whether the general root has a file. */
  readonly hasFile?: (path: string) => boolean;
};

/** In the general root: the agent, which goes behind an installer's own ramdisk. */
export const agentImage = 'scree/agent.img';

export type PlannedBoot = {
  /** `wait` without a path: that of the configuration that is asked for. */
  readonly plan: BootChoice | { readonly kind: 'wait'; readonly text: string };
  /** Why the plan is another one than the boot action says. */
  readonly warning?: string;
};

/**
 * What a machine is to boot now. What installs is booted while an install is to begin, and at no
 * other time: whatever has gone wrong, no machine installs again and again. One whose install has
 * failed waits or boots its disk, as one does whose action is not defined; a rescue system is
 * booted all the same. Throws BootTextError for values that would not stay inside their argument.
 */
export function planBoot(
  node: MachineNode,
  settings: BootSettings,
  frontend: FrontendValues,
): PlannedBoot {
  const { actions, installActions = builtInInstallActions } = settings;
  const { bootAction, bootState } = node;
  const isToBegin = bootState === 'install' || bootState === 'booting';
  if (installActions.has(bootAction) && !isToBegin) return planAfter(node, settings);
  const plan = actions.get(bootAction);
  if (plan?.kind === 'local') return { plan };
  if (plan !== undefined) return planKernel(fillIn(plan, valuesOf(node, frontend)), settings);
  const known = [...actions.keys()].join(', ');
  const warning = `expected a boot action that is defined (${known}), got '${bootAction}'`;
  return { plan: local, warning };
}

/** An installer without its agent says more of what it lacks than a loader without a file. */
function planKernel(plan: KernelPlan, { hasFile = () => true }: BootSettings): PlannedBoot {
  if (!plan.initrds.includes(agentImage) || hasFile(agentImage)) return { plan };
  const warning = `expected the agent's image '${agentImage}', found none; 'scree image build' makes it`;
  return {
    plan: { ...plan, initrds: plan.initrds.filter((each) => each !== agentImage) },
    warning,
  };
}

/** Its install has failed, or none was ordered. */
function planAfter(node: MachineNode, { failed }: BootSettings): PlannedBoot {
  const { name, bootAction, bootState, bootReason = 'for no known reason' } = node;
  const order = `'scree node boot ${name} ${bootAction}'`;
  if (bootState === 'installing') {
    return { plan: local, warning: 'it is being installed: to boot now would end that as failed' };
  }
  if (bootState !== 'failed') {
    const warning = `no install of it was ordered (boot state ${bootState}); ${order} does so`;
    return { plan: local, warning };
  }
  const warning = `its install has failed: ${bootReason}; ${order} tries again`;
  if (failed !== 'wait') return { plan: local, warning };
  const text = `${name}: the install failed: ${bootReason}; waiting for the operator`;
  return { plan: { kind: 'wait', text }, warning };
}

export type InstallerFiles = {
  readonly kernel: string;
  readonly initrds: readonly string[];
  /** Behind them where something is installed: the agent's image. */
  readonly agent?: string;
};

/** Where `scree image build --ramdisk` puts them. */
const debut = { kernel: 'debut/linux', initrds: ['debut/initrd'] };

// Debian's installer asks for what DHCP did not say, before it has fetched any answers: on a network
// of its own nobody may be a router or a name server. What DHCP says goes before these.
const unasked = 'netcfg/no_default_route=true netcfg/get_nameservers={frontend}';

/** `os`; `install` and `rescue`, for Debian's installer; `debut`, for the ramdisk of Scree's own. */
export function builtInActions({ kernel, initrds, agent }: InstallerFiles): BootActions {
  const common = `auto=true priority=critical hostname={node} ${unasked} scree.frontend=http://{server}`;
  const preseed = 'url=http://{server}/kickstart/{token}';
  const withKernel = (label: string, args: string): KernelPlan => {
    return { kind: 'kernel', label, kernel, initrds, args };
  };
  const install = `${common} scree.role={role} scree.token={token} ${preseed}`;
  return new Map<string, BootChoice>([
    ['os', local],
    [
      'install',
      {
        ...withKernel('install', install),
        initrds: agent === undefined ? initrds : [...initrds, agent],
      },
    ],
    ['rescue', withKernel('rescue', `${common} rescue/enable=true`)],
    ['debut', { kind: 'kernel', label: 'debut', ...debut, args: debutArguments }],
  ]);
}

// The last console is the one that init writes to; it tells the others itself.
const debutArguments =
  'scree.frontend=http://{server} scree.role={role} scree.token={token} ' +
  'console=tty0 console=ttyS0,115200 quiet';

/** Checks actions when they are defined, not when a machine waits. Throws BootTextError. */
export function checkBootActions(actions: BootActions): BootActions {
  const sample = Object.fromEntries(placeholders.map((name) => [name, 'x']));
  for (const plan of actions.values()) {
    if (plan.kind === 'kernel') checkKernelPlan(fillIn(plan, sample));
  }
  return actions;
}

const local = { kind: 'local' } as const;
const nodePlaceholders = ['node', 'role', 'rack', 'rank', 'address'] as const;
const placeholders = [...nodePlaceholders, 'frontend', 'server', 'token'] as const;

type Values = Readonly<Record<string, string>>;

function valuesOf(node: MachineNode, frontend: FrontendValues): Values {
  return {
    node: node.name,
    role: node.role,
    rack: String(node.rack ?? ''),
    rank: String(node.rank ?? ''),
    address: node.address ?? '',
    frontend: addressIn(frontend.server),
    ...frontend,
  };
}

function addressIn(server: string): string {
  return server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function fillIn(plan: KernelPlan, values: Values): KernelPlan {
  const args = plan.args.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw badPlaceholder(`one of ${placeholders.join(', ')}`, name);
    if (!/^[\w.:[\]-]*$/.test(value)) throw badPlaceholder(`a plain value for {${name}}`, value);
    return value;
  });
  return { ...plan, args };
}

function badPlaceholder(expected: string, got: string): BootTextError {
  return new BootTextError(
    'bad-arguments',
    `expected ${expected} in the arguments of a boot action, got '${got}'; change the boot action`,
  );
}
