import { isIP } from 'node:net';

export type ListenAddress = { readonly host: string; readonly port: number };

/** The forms that readListenAddress takes, for messages. */
export const listenAddressForms = 'an address such as 10.1.1.1:80, [fd00::1]:80, :80 or 80';

/** `10.1.1.1:80`, `[fd00::1]:80`, `frontend.local:80`; `:80` and `80` mean that port of `host`. */
export function readListenAddress(
  value: unknown,
  { host }: { readonly host: string },
): ListenAddress | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = /^(?:(?:\[([^\]]+)\]|([a-z0-9][a-z0-9.-]*)|):)?(\d{1,5})$/i.exec(String(value));
  if (match === null || Number(match[3]) > 65_535) return undefined;
  if (match[1] !== undefined && isIP(match[1]) !== 6) return undefined;
  return { host: match[1] ?? match[2] ?? host, port: Number(match[3]) };
}
