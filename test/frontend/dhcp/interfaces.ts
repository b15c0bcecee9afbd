import type { NetworkInterfaceInfo } from 'node:os';

/** As the system lists an interface's address; IPv6 with a colon in it. */
function entry(cidr: string): NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/');
  const common = { address, cidr, netmask: '', mac: '02:00:00:00:00:01', internal: false };
  return address.includes(':')
    ? { ...common, family: 'IPv6', scopeid: 2 }
    : { ...common, family: 'IPv4' };
}

/** The interfaces of a frontend: eth1 leads to the machines, eth2 has no IPv4 address. */
export function interfaces() {
  return {
    lo: [entry('127.0.0.1/8')],
    eth0: [entry('192.0.2.7/25')],
    eth1: [entry('fe80::1/64'), entry('10.1.1.1/16'), entry('10.9.9.9/24')],
    eth2: [entry('fe80::2/64')],
  };
}
