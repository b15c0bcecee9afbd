import type { OptionSetting } from '../../protocol/dhcp/option-text.ts';
import { parseOption } from '../../protocol/dhcp/option-text.ts';
import type { DhcpOptions } from '../../protocol/dhcp/options.ts';
import { DhcpError } from '../../protocol/dhcp/packet.ts';
import type { DhcpOptionValue, MachineNode } from '../nodes/types.ts';

const none: DhcpOptions = new Map();
// A node is replaced as a whole when it changes.
const encoded = new WeakMap<MachineNode, DhcpOptions>();

/**
 * The options that are a node's own, encoded; they go before its network's. What cannot be an
 * option, whoever wrote it to the database, is left out: the rest of an answer is still good.
 */
export function nodeOptions(node: MachineNode | undefined): DhcpOptions {
  if (node === undefined) return none;
  const known = encoded.get(node);
  if (known !== undefined) return known;
  const settings = Object.entries(node.dhcpOptions).flatMap(([key, value]) =>
    settingOf(key, value),
  );
  const options = new Map(settings.map(({ code, bytes }) => [code, bytes]));
  encoded.set(node, options);
  return options;
}

function settingOf(key: string, value: DhcpOptionValue): readonly OptionSetting[] {
  try {
    return [parseOption(key, value)];
  } catch (error) {
    if (!(error instanceof DhcpError)) throw error;
    return [];
  }
}
