import { constants } from 'node:os';
import koffi from 'koffi';
import { ScreeError } from './errors.ts';

/** The door to what the C library can do with a socket and Node cannot (Linux, little-endian). */
export class LibcError extends ScreeError<'not-permitted' | 'no-interface' | 'in-use' | 'failed'> {}

export const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
export const udpSocketType = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
const SO_RCVBUFFORCE = 33;
const SIOCDARP = 0x8953;
const SIOCSARP = 0x8955;
const ATF_COM = 2;
const arpHardwareEther = 1;
const longestInterfaceName = 15;
export const sockaddrBytes = 16;
/** For what a rack says that is switched on at once: 212,992 bytes is usual, some 200 packets. */
const receiveBufferBytes = 4 * 1024 * 1024;

type Call = (...parameters: unknown[]) => number;

type Name =
  | 'socket'
  | 'setsockopt'
  | 'getsockopt'
  | 'bind'
  | 'connect'
  | 'poll'
  | 'send'
  | 'ioctl'
  | 'close'
  | 'sendto'
  | 'recv'
  | 'interfaceIndex';

let calls: Readonly<Record<Name, Call>> | undefined;

/** Loaded when first needed: a frontend without DHCP goes without. */
export function libc() {
  if (calls !== undefined) return calls;
  const library = koffi.load('libc.so.6');
  calls = {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    setsockopt: library.func(
      'int setsockopt(int descriptor, int level, int name, const void *value, uint32_t length)',
    ),
    getsockopt: library.func(
      'int getsockopt(int descriptor, int level, int name, void *value, void *length)',
    ),
    bind: library.func('int bind(int descriptor, const void *address, uint32_t length)'),
    connect: library.func('int connect(int descriptor, const void *address, uint32_t length)'),
    poll: library.func('int poll(void *descriptors, unsigned long count, int timeoutMs)'),
    send: library.func('long send(int descriptor, const void *bytes, size_t length, int flags)'),
    ioctl: library.func('int ioctl(int descriptor, unsigned long request, void *value)'),
    close: library.func('int close(int descriptor)'),
    sendto: library.func(
      'long sendto(int descriptor, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)',
    ),
    recv: library.func('long recv(int descriptor, void *bytes, size_t length, int flags)'),
    interfaceIndex: library.func('unsigned int if_nametoindex(const char *name)'),
  };
  return calls;
}

/**
 * A bound, non-blocking UDP descriptor that hears one interface only; no packet of another one
 * gets in before it is bound. Throws LibcError.
 */
export function bindUdpToInterface(at: {
  readonly interfaceName: string;
  readonly port: number;
  /** Beside another program that allows it, as DHCP clients do on port 68. */
  readonly isShared?: boolean;
}): number {
  const { interfaceName, port, isShared = false } = at;
  const { socket, setsockopt, bind, close } = libc();
  const what = `UDP port ${port} on ${interfaceName}`;
  const descriptor = check(socket(AF_INET, udpSocketType, 0), what);
  try {
    const name = Buffer.from(`${nameOf(interfaceName)}\0`);
    check(setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), what);
    check(setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, int32(1), 4), what);
    const shared = int32(isShared ? 1 : 0);
    check(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, shared, 4), what);
    // Past the system's limit; who may not do that has the usual buffer.
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, int32(receiveBufferBytes), 4);
    check(bind(descriptor, socketAddress('0.0.0.0', port), sockaddrBytes), what);
    return descriptor;
  } catch (error) {
    close(descriptor);
    throw error;
  }
}

type ArpPlace = {
  /** Any UDP socket. */
  readonly descriptor: number;
  readonly interfaceName: string;
  readonly address: string;
};

/** Puts an address into the neighbour table of an interface (arp(7)). Throws LibcError. */
export function setArpEntry(entry: ArpPlace & { readonly mac: string }): void {
  const { descriptor, interfaceName, address, mac } = entry;
  const request = arpRequest(entry);
  request.writeUInt16LE(arpHardwareEther, sockaddrBytes);
  Buffer.from(mac.replaceAll(':', ''), 'hex').copy(request, sockaddrBytes + 2);
  request.writeInt32LE(ATF_COM, 2 * sockaddrBytes);
  check(libc().ioctl(descriptor, SIOCSARP, request), `a neighbour ${address} on ${interfaceName}`);
}

/** Takes an address out of it, if it is there. */
export function removeArpEntry(place: ArpPlace): void {
  libc().ioctl(place.descriptor, SIOCDARP, arpRequest(place));
}

/** struct arpreq. */
function arpRequest({ interfaceName, address }: ArpPlace): Buffer {
  const request = Buffer.alloc(3 * sockaddrBytes + 4 + 16);
  socketAddress(address, 0).copy(request);
  request.write(nameOf(interfaceName), 3 * sockaddrBytes + 4, 'latin1');
  return request;
}

/** struct sockaddr_in. */
export function socketAddress(host: string, port: number): Buffer {
  const address = Buffer.alloc(sockaddrBytes);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.set(host.split('.').map(Number), 4);
  return address;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** As the system takes it. Throws LibcError `no-interface`. */
export function nameOf(interfaceName: string): string {
  if (/^[^\s/\0]{1,15}$/.test(interfaceName)) return interfaceName;
  const text = `expected the name of an interface (at most ${longestInterfaceName} characters)`;
  throw new LibcError('no-interface', `${text}, got '${interfaceName}'`);
}

/** The result of a call, unless it failed. Throws LibcError. */
export function check(result: number, what: string): number {
  if (result >= 0) return result;
  const number = koffi.errno();
  const known = failures.get(number);
  if (known !== undefined) {
    throw new LibcError(known.code, `expected ${what}, got ${known.text}`);
  }
  throw new LibcError('failed', `expected ${what}, got system error ${number}`);
}

/** True when a call on a non-blocking descriptor failed because nothing is there yet. */
export function isNothingThere(result: number): boolean {
  return result < 0 && koffi.errno() === errno.EAGAIN;
}

const { errno } = constants;

const failures: ReadonlyMap<number, { readonly code: LibcError['code']; readonly text: string }> =
  new Map([
    [errno.EPERM, { code: 'not-permitted', text: 'no permission; start as root' }],
    [errno.EACCES, { code: 'not-permitted', text: 'no permission; start as root' }],
    [
      errno.ENODEV,
      { code: 'no-interface', text: 'no such interface; `ip link` lists those that there are' },
    ],
    [
      errno.EADDRINUSE,
      { code: 'in-use', text: 'another program there; stop it, or choose another interface' },
    ],
  ] as const);
