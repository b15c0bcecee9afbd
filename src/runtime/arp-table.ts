import { readFileSync } from 'node:fs';

const ethernet = '0x1';
/** ATF_COM: the neighbour has answered. */
const completeFlag = 2;

/**
 * Who is at which IPv4 address of an interface's wire (undefined: of any), as Linux knows it at this
 * moment (proc(5), `/proc/net/arp`): MAC addresses, lower case with colons, by address. Empty where it cannot be read.
 */
export function readArpTable(
  interfaceName: string | undefined,
  path = '/proc/net/arp',
): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const line of readLines(path)) {
    const [address, type, flags, mac, , device] = line.trim().split(/\s+/);
    if (address === undefined || mac === undefined) continue;
    if (interfaceName !== undefined && device !== interfaceName) continue;
    const isComplete = (Number(flags) & completeFlag) !== 0;
    if (type === ethernet && isComplete) table.set(address, mac.toLowerCase());
  }
  return table;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
