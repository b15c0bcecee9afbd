import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Nodes } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';

/**
 * The token of a node's latest install: `<number>-<32 hex digits of an HMAC-SHA-256>`. It is
 * computed, not kept: the database holds nothing that helps to make one, and each file that is
 * generated for the install has the same.
 */
export function installTokenOf(
  { name, installNumber }: Pick<MachineNode, 'name' | 'installNumber'>,
  key: Buffer,
): string {
  const hmac = createHmac('sha256', secretOf(key)).update(`${name}:${installNumber}`).digest('hex');
  return `${installNumber}-${hmac.slice(0, 32)}`;
}

/** To make one of the bytes costs five times as much as to use it. */
const secrets = new WeakMap<Buffer, KeyObject>();

function secretOf(key: Buffer): KeyObject {
  const secret = secrets.get(key) ?? createSecretKey(key);
  secrets.set(key, secret);
  return secret;
}

/** A thousand machines that are done at once must not each cost a thousand of them. */
const knownTokens = new WeakMap<Buffer, Map<string, Buffer>>();
const mostKnown = 65_536;

function knownTokenOf(install: Pick<MachineNode, 'name' | 'installNumber'>, key: Buffer): Buffer {
  const known = knownTokens.get(key) ?? new Map<string, Buffer>();
  knownTokens.set(key, known);
  const name = `${install.name}:${install.installNumber}`;
  const token = known.get(name) ?? Buffer.from(installTokenOf(install, key));
  if (known.size >= mostKnown) known.clear();
  known.set(name, token);
  return token;
}

export type TokenHolder =
  | { readonly kind: 'node'; readonly node: MachineNode }
  /** The token is that of an earlier install of this node. */
  | { readonly kind: 'stale'; readonly node: MachineNode }
  | { readonly kind: 'unknown' };

export type TokenNodes = Pick<Nodes, 'all' | 'byName'> & {
  /** See EndedInstalls. */
  readonly nameOfEnded: (installNumber: number) => string | undefined;
};

/**
 * Whose token it is. The number that it begins with is no secret, and belongs to one install as a
 * rule: so anybody's token costs one HMAC, however many nodes there are.
 */
export function findTokenHolder(nodes: TokenNodes, token: string, key: Buffer): TokenHolder {
  const match = /^(\d{1,15})-([\da-f]{32})$/.exec(token);
  if (match === null) return { kind: 'unknown' };
  const installNumber = Number(match[1]);
  const given = Buffer.from(token);
  if (installNumber < 1) return { kind: 'unknown' };
  const isOf = ({ name }: MachineNode): boolean => {
    const expected = knownTokenOf({ name, installNumber }, key);
    return expected.length === given.length && timingSafeEqual(expected, given);
  };
  const latest = nodes.all().filter((each) => each.installNumber === installNumber);
  const node = latest.find(isOf);
  if (node !== undefined) return { kind: 'node', node };
  const later = nodes.byName(nodes.nameOfEnded(installNumber) ?? '');
  if (later === undefined || later.installNumber <= installNumber) return { kind: 'unknown' };
  return isOf(later) ? { kind: 'stale', node: later } : { kind: 'unknown' };
}
