import {
  readAddresses,
  readDomain,
  readInterface,
  readMode,
  readRange,
  readUnknownPolicy,
} from './config-boot-values.ts';
import {
  readArchitectures,
  readBootFilename,
  readClasses,
  readClientKind,
  readNextServer,
  readNodeName,
  readPrefixText,
  readRoles,
  readRoutes,
  readShortText,
} from './config-dhcp-values.ts';
import { anyMapping, ifGiven, listOf, required, setting } from './config-setting.ts';
import { readFlag, wholeNumber } from './config-values.ts';
import { dhcpDefaults, networkDefaults } from './dhcp/defaults.ts';

const readLease = wholeNumber(120, 31_536_000);
const readMtu = (value: unknown) => (value === 0 ? 0 : wholeNumber(576, 65_535)(value));

const addressesForm = 'an IPv4 address, or a list of them';
const leaseForm = 'whole seconds from 120 to 31536000';
const classesForm = 'a list of client classes such as [pxe, ipxe, d-i]';

const range = setting('a range such as 10.1.200.1-10.1.250.254, or none', 'none', readRange);
const router = setting(addressesForm, [], readAddresses);
const mtu = setting('bytes from 576 to 65535, or 0 to say nothing', 0, readMtu);
const routes = setting('routes such as [10.2.0.0/16 via 10.1.1.254]', [], readRoutes);
const options = anyMapping('options by name or number, such as { 43: "0x010403" }');

/** A network behind a relay agent. What is undefined is what the section says. */
export const networkEntries = {
  network: required('a network such as 10.2.0.0/16, without bits of hosts', readPrefixText),
  range,
  router,
  dns: ifGiven(addressesForm, readAddresses),
  domain: ifGiven('a domain name', readDomain),
  ntp: ifGiven(addressesForm, readAddresses),
  mtu,
  lease: ifGiven(leaseForm, readLease),
  routes,
  options,
};

export const bootFileEntries = {
  node: ifGiven('the name of a node', readNodeName),
  architecture: ifGiven(
    'a number of option 93 such as 7, a list of them, or none',
    readArchitectures,
  ),
  kind: ifGiven(dhcpDefaults.clientClasses.join(', '), readClientKind),
  'vendor-class': ifGiven('how a vendor class begins, such as PXEClient', readShortText),
  'user-class': ifGiven('a user class such as iPXE', readShortText),
  file: required('a path such as shimx64.efi, a URL, or none', readBootFilename),
  server: ifGiven('an IPv4 address', readNextServer),
};

export const dhcpEntries = {
  mode: setting('server, proxy or off', 'off', readMode),
  interface: setting('the name of an interface such as eth1', '', readInterface),
  range,
  router,
  dns: setting(addressesForm, [], readAddresses),
  domain: setting('a domain name', '', readDomain),
  ntp: setting(addressesForm, [], readAddresses),
  mtu,
  lease: setting(leaseForm, networkDefaults.leaseSeconds, readLease),
  routes,
  options,
  unknown: setting('ignore, address or discover', dhcpDefaults.unknown, readUnknownPolicy),
  classes: setting(classesForm, dhcpDefaults.clientClasses, readClasses),
  'roles-without-boot': setting(
    'a list of roles such as [switch, pdu]',
    dhcpDefaults.rolesWithoutBoot,
    readRoles,
  ),
  probe: setting('true or false', true, readFlag),
  networks: listOf('a list of networks such as [{ network: 10.2.0.0/16 }]', networkEntries),
  'boot-files': listOf(
    'a list of rules such as [{ architecture: 7, file: shimx64.efi }]',
    bootFileEntries,
  ),
};
