import * as v from 'valibot';
import { parseOption, parseOptions } from '../../protocol/dhcp/option-text.ts';
import { optionCodeOf } from '../../protocol/dhcp/option-types.ts';
import { DhcpError } from '../../protocol/dhcp/packet.ts';
import { NodesError } from './errors.ts';
import type { DhcpOptionValue, MachineNode } from './types.ts';

type DhcpOptions = MachineNode['dhcpOptions'];

const mostOptions = 64;

const item = v.union([v.string(), v.number()]);
const valueSchema = v.union([item, v.array(item)]);
const storedSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/**
 * A node's options with those of the patch in their places, whichever name of an option they are
 * given by; null takes one away, or all. Throws NodesError `bad-option`.
 */
export function patchDhcpOptions(
  present: DhcpOptions,
  patch: Readonly<Record<string, DhcpOptionValue | null>> | null | undefined,
): DhcpOptions {
  if (patch === undefined) return present;
  if (patch === null) return {};
  const given = Object.entries(patch).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  );
  checked(() => parseOptions(Object.fromEntries(given)));
  for (const key of Object.keys(patch)) if (!Object.hasOwn(present, key)) expectName(key);
  const replaced = new Set(Object.keys(patch).map(identityOf));
  const kept = Object.entries(present).filter(([key]) => !replaced.has(identityOf(key)));
  const options = Object.fromEntries([...kept, ...given]);
  const count = Object.keys(options).length;
  if (count <= mostOptions) return options;
  const message = `expected at most ${mostOptions} DHCP options of a node, got ${count}`;
  throw new NodesError('bad-option', message);
}

/** What of a database's text can be options; whatever else was written there is left out. */
export function readStoredOptions(text: string): DhcpOptions {
  const stored = v.safeParse(storedSchema, text);
  if (!stored.success) return {};
  const entries = Object.entries(stored.output);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (v.is(valueSchema, value) ? [[key, value] as const] : [])),
  );
}

function identityOf(key: string): number | string {
  return optionCodeOf(key) ?? key;
}

function expectName(key: string): void {
  if (optionCodeOf(key) === undefined) checked(() => parseOption(key, ''));
}

function checked(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof DhcpError)) throw error;
    throw new NodesError('bad-option', error.message, { cause: error });
  }
}
