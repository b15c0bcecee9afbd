import type { TokenHolder } from '../installs/token.ts';
import type { MachineNode } from '../nodes/types.ts';

/** What a request for an install script says, and what is known of who asks. */
export type KickstartRequest = {
  /** From `/kickstart/<token>`. */
  readonly holder?: TokenHolder | undefined;
  /** One of the files that belong to an install script, which was fetched before. */
  readonly isPart?: boolean;
  /** `client=` of ROCKS' form: another machine's, for operators. */
  readonly client?: string | undefined;
  /** The node at the address that the request came from. */
  readonly asker: MachineNode | undefined;
  /** A lease of this frontend's, or the MAC address on the wire, says that it is there. */
  readonly isCertain: boolean;
  readonly address: string;
  readonly isOperator: boolean;
  /** The MAC addresses that the installer names, lower case with colons; none: it named none. */
  readonly macs: readonly string[];
  readonly byName: (name: string) => MachineNode | undefined;
};

export type KickstartDecision =
  /** `isView`: an operator looks at it, nothing is installed by it. */
  | { readonly kind: 'send'; readonly node: MachineNode; readonly isView: boolean }
  | {
      readonly kind: 'refuse';
      readonly status: 400 | 403 | 404 | 409 | 410;
      readonly reason: string;
    };

/**
 * Whose install script is sent. It holds what only its node may know: so only the node itself gets
 * it, by the install's token, or by its address where it is certain that it is there or its installer
 * names a network card of it; not when it names those of another machine; and only while it is to
 * be installed. Operators may look at any.
 */
export function decideKickstart(request: KickstartRequest): KickstartDecision {
  const { holder, client, asker, address, isOperator } = request;
  if (holder !== undefined) return decideByToken(request, holder);
  if (client !== undefined) {
    if (isOperator) return viewOf(request, client);
    return refuse(403, `client=${shown(client)} is for operators, not for ${address}`);
  }
  if (asker !== undefined) return ifItself(request, asker);
  if (isOperator) return refuse(400, 'expected client=NAME, got none');
  const advice = "'scree node add' makes it known";
  return refuse(404, `expected a node at ${address}, found none; ${advice}`);
}

/** An address is soon taken by another machine, while the one that it belongs to is off. */
function ifItself(request: KickstartRequest, asker: MachineNode): KickstartDecision {
  const { isCertain, macs, address } = request;
  if (isCertain || macs.length > 0) return ifToBeInstalled(request, asker);
  const expected = `expected a lease or the wire to tell that ${asker.name} is at ${address}`;
  const headers = 'the installer to name its network cards (inst.ks.sendmac, kssendmac)';
  return refuse(403, `${expected}, or ${headers}, or the token of the install in the URL`);
}

function decideByToken(request: KickstartRequest, holder: TokenHolder): KickstartDecision {
  switch (holder.kind) {
    case 'unknown':
      return refuse(403, 'expected the token of an install, got none that is known');
    case 'stale':
      return refuse(410, `expected the token of the latest install of ${holder.node.name}`);
    case 'node':
      return ifToBeInstalled(request, holder.node);
  }
}

function viewOf({ byName }: KickstartRequest, client: string): KickstartDecision {
  const node = byName(client);
  if (node !== undefined) return { kind: 'send', node, isView: true };
  return refuse(404, `expected client= to name a node, got ${shown(client)}`);
}

function ifToBeInstalled(
  { macs, isPart = false }: KickstartRequest,
  node: MachineNode,
): KickstartDecision {
  if (macs.length > 0 && !macs.some((mac) => node.macs.includes(mac))) {
    const reason = `expected a network card of ${node.name}, the installer names ${macs.join(', ')}`;
    return refuse(403, reason);
  }
  const { name, bootState } = node;
  if (bootState === 'install' || bootState === 'booting' || bootState === 'installing') {
    return { kind: 'send', node, isView: false };
  }
  // It was only slow: what it still needs to succeed is not withheld, and changes nothing.
  if (isPart && bootState === 'failed') return { kind: 'send', node, isView: true };
  const reason = `${name} is not to be installed (boot state ${bootState})`;
  return refuse(409, `${reason}; 'scree node boot ${name} install' changes that`);
}

function refuse(
  status: Extract<KickstartDecision, { kind: 'refuse' }>['status'],
  reason: string,
): KickstartDecision {
  return { kind: 'refuse', status, reason };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
