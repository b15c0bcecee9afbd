import { messageOf } from '../../runtime/errors.ts';
import { LibcError } from '../../runtime/libc.ts';
import type { Config } from '../config.ts';
import { type FoundServer, findDhcpServers } from '../dhcp/find-servers.ts';
import { createDhcpSettings } from '../dhcp/settings.ts';
import type { DhcpSettings } from '../dhcp/types.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The settings that the frontend would work with, or why there are none. */
export type DhcpFacts =
  | { readonly kind: 'off' }
  | { readonly kind: 'usable'; readonly settings: DhcpSettings }
  | { readonly kind: 'unusable'; readonly reasons: readonly string[] };

export function lookAtDhcp({ dhcp, http }: Config): DhcpFacts {
  if (dhcp.mode === 'off') return { kind: 'off' };
  try {
    return {
      kind: 'usable',
      settings: createDhcpSettings(dhcp, { httpPort: http.listen.port }),
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : messageOf(error);
    return { kind: 'unusable', reasons: text.split('\n') };
  }
}

/** The interface, and whether what is to be given away fits its network. */
export function checkDhcp(facts: DhcpFacts): readonly Finding[] {
  switch (facts.kind) {
    case 'off':
      return [ok('dhcp', "off: another server gives addresses; 'scree dhcp export' configures it")];
    case 'usable': {
      const { interface: name, address, networks } = facts.settings;
      const prefixes = networks.map(({ prefix }) => prefix).join(', ');
      return [ok('dhcp.interface', `${name} has ${address}, for ${prefixes}`)];
    }
    case 'unusable':
      return facts.reasons.map((reason) =>
        problem('dhcp.interface', reason, "put the interface in order, or correct 'dhcp:'"),
      );
  }
}

/** Who else gives addresses on the interface; or why that could not be seen. */
export type ServersFacts =
  | { readonly kind: 'looked'; readonly found: readonly FoundServer[] }
  | { readonly kind: 'not-looked'; readonly reason: string; readonly needsRoot: boolean };

export async function lookForServers(
  { interface: interfaceName, address: ownAddress }: DhcpSettings,
  options: { readonly waitMs?: number } = {},
): Promise<ServersFacts> {
  try {
    const found = await findDhcpServers({ interfaceName, ownAddress, ...options });
    return { kind: 'looked', found };
  } catch (error) {
    const needsRoot = error instanceof LibcError && error.code === 'not-permitted';
    return { kind: 'not-looked', reason: messageOf(error), needsRoot };
  }
}

/** Beside a server nobody else may give addresses; beside a proxy somebody has to. */
export function checkServers(facts: ServersFacts, mode: 'server' | 'proxy'): readonly Finding[] {
  const check = 'other DHCP server';
  if (facts.kind === 'not-looked') {
    const advice = facts.needsRoot ? 'run doctor as root' : 'see the reason';
    return [warning(check, `was not looked for: ${facts.reason}`, advice)];
  }
  const { found } = facts;
  const shown = found.map(({ server, offered }) => `${server} (it offers ${offered})`);
  if (mode === 'proxy') {
    if (found.length > 0) return [ok(check, `${shown.join(', ')}, as a proxy needs it`)];
    const text = 'none answers, and a proxy gives no addresses';
    return [warning(check, text, 'start one, or set dhcp.mode: server')];
  }
  if (found.length === 0) return [ok(check, 'none answers')];
  const advice = 'switch it off on this wire, or set dhcp.mode: proxy';
  return shown.map((each) => problem(check, `${each} answers, too`, advice));
}
