import type { IncomingHttpHeaders } from 'node:http';
import { parseMac } from '../nodes/names.ts';

/** What a URL for an install script names. */
export type KickstartTarget =
  | {
      readonly kind: 'cgi';
      readonly client: string | undefined;
      readonly architecture: string | undefined;
    }
  /** `file` is empty for the install script itself. */
  | { readonly kind: 'token'; readonly token: string; readonly file: string };

const mostCards = 64;

/**
 * Takes the path and query of a request apart: `/install/sbin/kickstart.cgi`, or
 * `/install/sbin/public/kickstart.cgi`, with `arch`, `np` and `client`; `/kickstart/<token>` and
 * `/kickstart/<token>/<file>`. Undefined for any other path.
 */
export function readKickstartUrl(url: string): KickstartTarget | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  if (/^\/+install\/+sbin\/+(?:public\/+)?kickstart\.cgi$/.test(path)) {
    const parameters = new URLSearchParams(query);
    const architecture = parameters.get('arch') ?? undefined;
    const isWord = architecture !== undefined && /^\w{1,16}$/.test(architecture);
    const client = parameters.get('client') ?? undefined;
    return { kind: 'cgi', client, architecture: isWord ? architecture : undefined };
  }
  const match = /^\/+kickstart\/+([\da-f-]{1,64})(?:\/+([\w.-]{0,64}))?$/.exec(path);
  if (match === null) return undefined;
  return { kind: 'token', token: match[1] ?? '', file: match[2] ?? '' };
}

/**
 * The network cards that an installer names: `X-RHN-Provisioning-MAC-<n>: <device> <mac> …`.
 * Words that are no MAC address count as none.
 */
export function readProvisioningMacs(headers: IncomingHttpHeaders): readonly string[] {
  const named = Object.entries(headers).filter(([name]) =>
    /^x-rhn-provisioning-mac-\d+$/.test(name),
  );
  return named.slice(0, mostCards).flatMap(([, value]) => {
    const [, mac = ''] = String(value).trim().split(/\s+/);
    return parseMac(mac) ?? [];
  });
}

/** What an installer says of its architecture (anaconda), if it does. */
export function readArchitecture(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['x-anaconda-architecture'];
  return typeof value === 'string' && /^\w{1,16}$/.test(value) ? value : undefined;
}
