import { check, isNothingThere, libc, nameOf } from './libc.ts';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const ETH_P_ARP = 0x0806;
const sockaddrBytes = 20;
const macLength = 6;
/** An ARP packet has 28 bytes; Ethernet fills it up to 46. */
const longestPacket = 64;

/** ARP as it goes over one interface, past the system's own table of neighbours (packet(7)). */
export type ArpSocket = {
  /** To every machine on the wire; without an Ethernet header. Throws LibcError. */
  readonly broadcast: (packet: Buffer) => void;
  /** The next packet that came; undefined: none is there now. Throws LibcError. */
  readonly receive: () => Buffer | undefined;
  readonly close: () => void;
};

/**
 * Opens ARP on an Ethernet interface. Nothing tells when a packet comes: `receive` has to be asked.
 * Needs root or CAP_NET_RAW. Throws LibcError.
 */
export function openArpSocket({ interfaceName }: { readonly interfaceName: string }): ArpSocket {
  const { socket, bind, sendto, recv, close } = libc();
  const what = `ARP on ${interfaceName}`;
  const index = indexOf(interfaceName);
  // Protocol 0 hears nothing: no packet of another interface gets in before it is bound.
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = check(socket(AF_PACKET, type, 0), what);
  try {
    check(bind(descriptor, linkAddress(index), sockaddrBytes), what);
  } catch (error) {
    close(descriptor);
    throw error;
  }
  const everybody = linkAddress(index, Buffer.alloc(macLength, 0xff));
  return {
    broadcast: (packet) => {
      check(sendto(descriptor, packet, packet.length, 0, everybody, sockaddrBytes), what);
    },
    receive: () => {
      const packet = Buffer.alloc(longestPacket);
      const length = recv(descriptor, packet, packet.length, 0);
      if (isNothingThere(length)) return undefined;
      return packet.subarray(0, check(length, what));
    },
    close: () => void close(descriptor),
  };
}

function indexOf(interfaceName: string): number {
  const index = libc().interfaceIndex(nameOf(interfaceName));
  return check(index === 0 ? -1 : index, `an interface ${interfaceName}`);
}

/** struct sockaddr_ll. */
function linkAddress(index: number, mac?: Buffer): Buffer {
  const address = Buffer.alloc(sockaddrBytes);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ARP, 2);
  address.writeInt32LE(index, 4);
  if (mac !== undefined) {
    address.writeUInt8(mac.length, 11);
    mac.copy(address, 12);
  }
  return address;
}
