import { isIPv4 } from 'node:net';

/** A MAC address as other programs write it too: `0:16:3e:1:2:3`. Undefined if it is none. */
export function looseMac(text: string): string | undefined {
  if (!/^[\da-f]{1,2}(?:[:-][\da-f]{1,2}){5}$/i.test(text)) return undefined;
  const bytes = text.toLowerCase().split(/[:-]/);
  return bytes.map((byte) => byte.padStart(2, '0')).join(':');
}

/** A host's own name, without its domain. */
export function shortName(text: string): string {
  return text.toLowerCase().replace(/\..*$/, '');
}

/** False for loopback, `0.0.0.0`, multicast and IPv6, which files of hosts list too. */
export function isHostAddress(text: string): boolean {
  const first = Number(text.split('.')[0]);
  return isIPv4(text) && first !== 0 && first !== 127 && first < 224;
}

/** Each line with its number, without comments; `#` begins one at the start or after a blank. */
export function linesOf(text: string): readonly { readonly line: number; readonly text: string }[] {
  return text
    .split(/\r?\n/)
    .map((each, at) => ({ line: at + 1, text: each.replace(/(?:^|\s)#.*$/, '').trim() }))
    .filter((each) => each.text !== '');
}
