import { parseOption } from '../protocol/dhcp/option-text.ts';
import { optionCodeOf, optionNames } from '../protocol/dhcp/option-types.ts';
import { type DhcpOptions, dhcpOptions } from '../protocol/dhcp/options.ts';
import { messageOf } from '../runtime/errors.ts';
import type { ConfigProblem } from './config-problem.ts';
import { nearestWord } from './nearest-word.ts';

/** The keys of a network that are options too. */
const codesByKey: ReadonlyMap<string, number> = new Map([
  ['router', dhcpOptions.router],
  ['dns', dhcpOptions.dns],
  ['domain', dhcpOptions.domainName],
  ['ntp', dhcpOptions.ntp],
  ['mtu', dhcpOptions.mtu],
  ['routes', dhcpOptions.staticRoutes],
]);

type Network = { readonly options: Readonly<Record<string, unknown>> };

/** The options of a network by code; each of them once, also if it has a key of its own. */
export function readOptions(
  network: Network,
  path: readonly string[],
): { readonly options: DhcpOptions; readonly problems: readonly ConfigProblem[] } {
  const options = new Map<number, Buffer>();
  const keysByCode = new Map(givenKeys(network));
  const problems: ConfigProblem[] = [];
  for (const [key, value] of Object.entries(network.options)) {
    try {
      const { code, bytes } = parseOption(key, value);
      const other = keysByCode.get(code);
      if (other !== undefined) {
        const message = `expected option ${code} once, got ${other} and options.${key}`;
        problems.push({ path: [...path, key], message });
      }
      keysByCode.set(code, `options.${key}`);
      options.set(code, bytes);
    } catch (error) {
      problems.push({ path: [...path, key], message: `${messageOf(error)}${suggestion(key)}` });
    }
  }
  return { options, problems };
}

function suggestion(key: string): string {
  const near = optionCodeOf(key) === undefined ? nearestWord(key, optionNames) : undefined;
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

function givenKeys(network: Network): readonly (readonly [number, string])[] {
  const values = new Map<string, unknown>(Object.entries(network));
  return [...codesByKey].flatMap(([key, code]) => {
    const value = values.get(key);
    const isGiven = Array.isArray(value) ? value.length > 0 : Boolean(value);
    return isGiven ? [[code, key] as const] : [];
  });
}
