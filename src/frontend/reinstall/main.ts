import type { ListenAddress } from '../../runtime/listen-address.ts';
import { createAttributes } from '../attributes/main.ts';
import { withoutSecrets } from '../attributes/secrets.ts';
import type { AttributeValue, ResolvedHost } from '../attributes/types.ts';
import { askFrontend } from '../nodes/control-request.ts';
import { createNodes } from '../nodes/main.ts';
import type { MachineNode } from '../nodes/types.ts';
import { factsOf } from './documents.ts';
import { ReinstallError } from './errors.ts';
import { followInstalls } from './follow-installs.ts';
import { choosePower } from './power/choose.ts';
import type { PowerTarget } from './power/types.ts';
import { reinstall } from './reinstall.ts';
import type { ReinstallEvent, ReinstallLimits, ReinstallReport } from './types.ts';

export type ReinstallConfig = {
  readonly state: string;
  /** Where profiles are looked for before those that come with the program. */
  readonly profileFolders: readonly string[];
  readonly httpListen: ListenAddress;
  /** The interface that DHCP answers on. */
  readonly interfaceName: string;
};

export type ReinstallWish = {
  readonly selection: readonly string[];
  /** A boot action that installs. */
  readonly action: string;
  /** `none`, `redfish`, `ipmi`, `wol`, `ssh`, or a command. */
  readonly how: string;
  readonly inShell: boolean;
  readonly limits: ReinstallLimits;
  /** Machines whose install ended well less than this ago are left out. */
  readonly skipYoungerMs: number;
};

/** What would be done with each machine: by name, in the order in which they are started. */
export type PlannedMachine = {
  readonly name: string;
  /** 0: it is under way already, and is only followed. */
  readonly wave: number;
  readonly power: string;
};

export type PreparedReinstall = {
  readonly planned: readonly PlannedMachine[];
  /** The names of those that are left out. */
  readonly skipped: readonly string[];
  readonly run: (
    tell: (event: ReinstallEvent) => void,
    signal: AbortSignal,
  ) => Promise<ReinstallReport>;
};

/**
 * Looks at all that a mass reinstall needs, and changes nothing. Throws NodesError for the
 * selection, ReinstallError `bad-power`, or `not-ready` with a line for each thing that is missing.
 */
export async function prepareReinstall(
  { state, profileFolders, httpListen, interfaceName }: ReinstallConfig,
  { selection, action, how, inShell, limits, skipYoungerMs }: ReinstallWish,
): Promise<PreparedReinstall> {
  const nodes = createNodes({ state });
  const youngestAtMs = Date.now() - skipYoungerMs;
  const isYoung = ({ bootState, installNumber, stateAtMs }: MachineNode) =>
    bootState === 'os' && installNumber > 0 && stateAtMs > youngestAtMs;
  const selected = await nodes.showAll(selection);
  const chosen = selected.filter((node) => !isYoung(node)).toSorted(byReadiness);
  const targets = targetsOf(chosen, createAttributes({ state, profileFolders, httpListen }));
  const power = choosePower({ how, inShell, interfaceName }, targets);
  const problems = await power.problems();
  if (problems.length > 0) throw new ReinstallError('not-ready', problems.join('\n'));
  return {
    skipped: selected.filter(isYoung).map(({ name }) => name),
    planned: planned(chosen, limits.waveSize).map(({ name, wave }) => {
      return { name, wave, power: wave === 0 ? 'none: it is followed' : power.describe(name) };
    }),
    run: async (tell, signal) => {
      await expectFrontend(state);
      return reinstall(
        {
          arm: async (names) => (await nodes.boot(names, action)).map(factsOf),
          follow: (stop) => followInstalls({ state, signal: stop }),
          ...{ power, tell },
        },
        { nodes: chosen.map(factsOf), limits },
        signal,
      );
    },
  };
}

/** What is armed already was most likely begun before. */
function byReadiness(a: MachineNode, b: MachineNode): number {
  return Number(b.bootState === 'install') - Number(a.bootState === 'install');
}

function planned(nodes: readonly MachineNode[], waveSize: number) {
  const isUnderWay = ({ bootState }: MachineNode) =>
    bootState === 'booting' || bootState === 'installing';
  const followed = nodes.filter(isUnderWay).map(({ name }) => ({ name, wave: 0 }));
  const others = nodes.filter((node) => !isUnderWay(node));
  const inWaves = others.map(({ name }, at) => ({ name, wave: Math.floor(at / waveSize) + 1 }));
  return [...followed, ...inWaves];
}

function targetsOf(
  nodes: readonly MachineNode[],
  attributes: { readonly resolve: (selection: readonly string[]) => readonly ResolvedHost[] },
): readonly PowerTarget[] {
  if (nodes.length === 0) return [];
  return attributes.resolve(nodes.map(({ name }) => name)).map((host) => ({
    name: host.node.name,
    mac: host.node.macs[0] ?? '',
    address: host.node.address,
    attributes: new Map([...host.attributes].map(([name, { value }]) => [name, textOf(value)])),
    hideSecrets: (text: string) => withoutSecrets(text, host),
  }));
}

function textOf(value: AttributeValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? value.join(' ') : String(value);
}

async function expectFrontend(state: string): Promise<void> {
  const answer = await askFrontend(state, { method: 'GET', path: '/healthz' });
  answer?.resume();
  if (answer !== undefined) return;
  const message = `expected a frontend that runs on '${state}', found none`;
  throw new ReinstallError('not-running', `${message}; start it with 'scree frontend'`);
}
