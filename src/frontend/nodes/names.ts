import { isIPv4 } from 'node:net';
import { isRole, longestRole } from '../../protocol/role.ts';
import { NodesError } from './errors.ts';

const longestName = 63;
const mostMacs = 16;
const mostClasses = 16;
const longestClass = 64;
const highestPlace = 99_999;

const macForms =
  /^(?:[\da-f]{12}|(?:[\da-f]{2}:){5}[\da-f]{2}|(?:[\da-f]{2}-){5}[\da-f]{2}|(?:[\da-f]{4}\.){2}[\da-f]{4})$/;

/** A host's name in the form of RFC 1123, lower case. Throws NodesError `bad-name`. */
export function readName(text: string): string {
  const isHostName = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/.test(text) && text.length <= longestName;
  // `node events` takes either; which one is meant has to be clear.
  const isMac = parseMac(text) !== undefined;
  if (isHostName && !isMac && text !== 'all') return text;
  const expected = isHostName
    ? `expected a name that ${isMac ? 'does not look like a MAC address' : 'does not mean all nodes'}`
    : `expected a name such as compute-0-1: letters a-z, digits and '-', at most ${longestName}`;
  throw new NodesError('bad-name', `${expected}, got ${shown(text)}`);
}

/** An Ethernet address as `52:54:00:12:34:56`, undefined if the text is none in a usual form. */
export function parseMac(text: string): string | undefined {
  const plain = text.toLowerCase();
  if (!macForms.test(plain)) return undefined;
  return plain.replaceAll(/[^\da-f]/g, '').replaceAll(/..(?!$)/g, '$&:');
}

/**
 * The address of one network card, from `52:54:00:12:34:56`, `52-54-…`, `5254.0012.3456` or
 * `525400123456` in either case. Throws NodesError `bad-mac`.
 */
export function readMac(text: string): string {
  const mac = parseMac(text);
  if (mac === undefined) {
    const message = `expected a MAC address such as 52:54:00:12:34:56, got ${shown(text)}`;
    throw new NodesError('bad-mac', message);
  }
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (!isGroup && mac !== '00:00:00:00:00:00') return mac;
  throw new NodesError('bad-mac', `expected the MAC address of one network card, got ${mac}`);
}

/** All addresses of one machine, each once. Throws NodesError `bad-mac`. */
export function readMacs(texts: readonly string[]): readonly string[] {
  const macs = [...new Set(texts.map(readMac))];
  if (macs.length >= 1 && macs.length <= mostMacs) return macs;
  const message = `expected 1 to ${mostMacs} MAC addresses of a node, got ${macs.length}`;
  throw new NodesError('bad-mac', message);
}

/** RFC 4122's text form in lower case. Throws NodesError `bad-uuid`. */
export function readUuid(text: string): string {
  const uuid = text.toLowerCase();
  if (!/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/.test(uuid)) {
    const example = '4c4c4544-0042-3510-8056-b4c04f4b4d31';
    throw new NodesError('bad-uuid', `expected a UUID such as ${example}, got ${shown(text)}`);
  }
  // What a board says to which nobody gave one.
  if (!/^([0f])(?:\1|-)*$/.test(uuid)) return uuid;
  throw new NodesError('bad-uuid', `expected a UUID that only one machine has, got ${uuid}`);
}

/** The IPv4 address of one host. Throws NodesError `bad-address`. */
export function readAddress(text: string): string {
  const first = Number(text.split('.')[0]);
  if (isIPv4(text) && first !== 0 && first !== 127 && first < 224) return text;
  const message = `expected an IPv4 address of a host, such as 10.1.1.10, got ${shown(text)}`;
  throw new NodesError('bad-address', message);
}

/** What a machine becomes. Throws NodesError `bad-role`. */
export function readRole(text: string): string {
  if (isRole(text)) return text;
  const form = `letters, digits, '.', '_' and '-', at most ${longestRole}`;
  throw new NodesError('bad-role', `expected a role such as compute: ${form}, got ${shown(text)}`);
}

/** The number of a rack, or of a machine in its rack. Throws NodesError `bad-place`. */
export function readPlace(place: number): number {
  if (Number.isInteger(place) && place >= 0 && place <= highestPlace) return place;
  const message = `expected a rack or rank from 0 to ${highestPlace}, got ${place}`;
  throw new NodesError('bad-place', message);
}

/** Which client classes (DHCP option 60, by their beginning) are answered; none: no request is. */
export function readClientClasses(texts: readonly string[]): readonly string[] {
  const wrong = texts.find((text) => !/^[\x21-\x7e]+$/.test(text) || text.length > longestClass);
  if (wrong !== undefined) {
    const form = `visible ASCII, at most ${longestClass}`;
    const message = `expected a client class such as PXEClient: ${form}, got ${shown(wrong)}`;
    throw new NodesError('bad-class', message);
  }
  const classes = [...new Set(texts)];
  if (classes.length <= mostClasses) return classes;
  const message = `expected at most ${mostClasses} client classes, got ${classes.length}`;
  throw new NodesError('bad-class', message);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
