import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { builtInInstallActions } from '../nodes/boot-actions.ts';
import type { MachineNode } from '../nodes/types.ts';
import { isInstalledMacos, isOfClass } from './client-kind.ts';
import type { DhcpSettings, IgnoreReason } from './types.ts';

/** `installed-macos` among the permitted classes answers even that. */
export const macosClass = 'installed-macos';

export type Who =
  | {
      readonly kind: 'answer';
      /** False: an address only. */
      readonly boots: boolean;
    }
  | { readonly kind: 'silence'; readonly reason: IgnoreReason; readonly text: string };

/** Who gets an answer, and whether it says what to boot. Silence makes a machine boot its disk. */
export function decideWho(asking: {
  readonly packet: DhcpPacket;
  readonly client: DhcpClient;
  readonly node: MachineNode | undefined;
  readonly settings: DhcpSettings;
}): Who {
  const { packet, client, node, settings } = asking;
  const permitted = node?.clientClasses ?? settings.clientClasses;
  const isMacos = isInstalledMacos(packet, client);
  if (isMacos && !permitted.includes(macosClass)) {
    return silence('installed-macos', 'an installed MacOS asks, not the firmware');
  }
  if (!isMacos && !permitted.some((name) => isOfClass(client, name))) {
    const by = node?.clientClasses === undefined ? 'configuration' : `node ${node.name}`;
    const text = `${describe(client)} is no class that the ${by} permits: ${permitted.join(', ')}`;
    return silence('class-not-permitted', text);
  }
  if (node === undefined) return decideUnknown(client, settings);
  if (client.kind === 'open-firmware' && !bootsFromNetwork(node, settings.installActions)) {
    const text = `Open Firmware boots the disk: boot action ${node.bootAction}, state ${node.bootState}`;
    return silence('boots-from-disk', text);
  }
  return { kind: 'answer', boots: !settings.rolesWithoutBoot.includes(node.role) };
}

/** True for a node that is to be installed, or to boot something else than its disk. */
export function bootsFromNetwork(
  { bootAction, bootState }: MachineNode,
  installActions = builtInInstallActions,
): boolean {
  const isOnItsWay = bootState !== 'os' && bootState !== 'failed';
  // One that has failed would fail again, and again.
  return isOnItsWay || (bootAction !== 'os' && !installActions.has(bootAction));
}

function decideUnknown(client: DhcpClient, settings: DhcpSettings): Who {
  switch (settings.unknown) {
    case 'ignore':
      return silence('unknown-machine', `no node has the MAC address ${client.mac}`);
    case 'discover':
      return silence('to-be-discovered', `${client.mac} waits for its name`);
    case 'address':
      // Silence is what sends Open Firmware to its disk; an address alone would keep it waiting.
      if (client.kind === 'open-firmware') {
        return silence('boots-from-disk', 'Open Firmware of an unknown machine');
      }
      return { kind: 'answer', boots: false };
  }
}

function describe({ kind, vendorClass }: DhcpClient): string {
  return vendorClass === undefined ? `'${kind}'` : `'${kind}' (vendor class '${vendorClass}')`;
}

function silence(reason: IgnoreReason, text: string): Who {
  return { kind: 'silence', reason, text };
}
