import { optionEncoders } from './option-encoders.ts';
import { optionCodeOf, optionTypeOf } from './option-types.ts';
import { dhcpOptions } from './options.ts';
import { DhcpError } from './packet.ts';

/** An option as it goes into a packet. */
export type OptionSetting = { readonly code: number; readonly bytes: Buffer };

/** No packet has room for more beside what it must hold. */
const longestOption = 1024;

/** These say what a packet is, or are a client's or relay's own words. */
export const ownOptions: ReadonlySet<number> = new Set([
  dhcpOptions.requestedAddress,
  dhcpOptions.leaseSeconds,
  dhcpOptions.overload,
  dhcpOptions.messageType,
  dhcpOptions.serverId,
  dhcpOptions.parameterList,
  dhcpOptions.maximumSize,
  dhcpOptions.clientId,
  dhcpOptions.relayAgent,
  dhcpOptions.clientUuid,
]);

/**
 * The options of a configuration's mapping, in its order; see `parseOption`. Throws DhcpError
 * `bad-option`, also for one that is there twice.
 */
export function parseOptions(
  settings: Readonly<Record<string, unknown>>,
): ReadonlyMap<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (const [key, value] of Object.entries(settings)) {
    const { code, bytes } = parseOption(key, value);
    if (options.has(code)) {
      throw new DhcpError('bad-option', `expected option ${code} once, got it again as '${key}'`);
    }
    options.set(code, bytes);
  }
  return options;
}

/**
 * One option as people write it: `router: 10.1.1.1`, `ntp: [10.1.1.1, 10.1.1.2]`, `26: 9000`,
 * `static-routes: 10.2.0.0/16 via 10.1.1.254`; any at all as bytes in hex, `43: "0x010403"`; one
 * of an unknown kind as text, or as IPv4 addresses. `value` is what a YAML or JSON reader gave.
 * Throws DhcpError `bad-option`.
 */
export function parseOption(key: string, value: unknown): OptionSetting {
  const code = optionCodeOf(key);
  if (code === undefined) {
    throw new DhcpError(
      'bad-option',
      `expected an option's number (1 to 254), or a name such as router, dns or ntp, got '${key}'`,
    );
  }
  if (ownOptions.has(code)) {
    throw new DhcpError('bad-option', `option '${key}' cannot be set: the server fills it in`);
  }
  return { code, bytes: parseValue(key, { code, value }) };
}

function parseValue(
  key: string,
  { code, value }: { readonly code: number; readonly value: unknown },
): Buffer {
  const { form, encode } = optionEncoders[optionTypeOf(code) ?? 'unknown'];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const bytes = isHex(value) ? parseHex(value) : encode(items);
  if (bytes === undefined) throw unfit(key, form, shown(value));
  if (bytes.length > longestOption) {
    throw unfit(key, `at most ${longestOption} bytes`, `${bytes.length}`);
  }
  return bytes;
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && /^0x/i.test(value);
}

function parseHex(text: string): Buffer | undefined {
  if (!/^0x[0-9a-f]{2}(?::?[0-9a-f]{2})*$/i.test(text)) return undefined;
  return Buffer.from(text.slice(2).replaceAll(':', ''), 'hex');
}

function unfit(key: string, expected: string, got: string): DhcpError {
  return new DhcpError('bad-option', `option '${key}': expected ${expected}, got ${got}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(shownItem).join(', ')}]`;
  return shownItem(value);
}

function shownItem(item: unknown): string {
  if (typeof item === 'string') return JSON.stringify(item.slice(0, 100));
  if (item === null || item === undefined) return 'nothing';
  return typeof item === 'object' ? 'a mapping or list' : String(item);
}
