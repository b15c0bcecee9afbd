import { globSync } from 'node:fs';
import {
  library,
  namespaces,
  ownAddress,
  program,
  type Requirement,
  root,
} from './requirements.ts';

export type Suite = {
  readonly name: string;
  /** Paths from the repository's root. */
  readonly files: readonly string[];
  readonly filesAtOnce: number;
  /** One test of a file after the other. */
  readonly isSerial?: boolean;
  /** Runs only when it is named: it takes an hour. */
  readonly isOnRequest?: boolean;
};

const chromium = library('Chromium', '/usr/bin/chromium', 'chromium');
const aria2 = program('aria2c', 'aria2');
const atftp = program('atftp', 'atftp');
const curl = program('curl', 'curl');
const dhclient = program('dhclient', 'isc-dhcp-client');
const dhcrelay = program('dhcrelay', 'isc-dhcp-relay');
const dnsmasq = program('dnsmasq', 'dnsmasq-base');
const dhcpd = program('dhcpd', 'isc-dhcp-server');
const kea = program('kea-dhcp4', 'kea-dhcp4-server');
const tftp = program('tftp', 'tftp-hpa');
const transmission = program('transmission-daemon', 'transmission-daemon');
const udhcpc = program('udhcpc', 'udhcpc');
const wget = program('wget', 'wget');
const libtorrent = library(
  'libtorrent for Python',
  '/usr/lib/python3/dist-packages/libtorrent*',
  'python3-libtorrent',
);

const rack = [root, namespaces, program('ip', 'iproute2'), program('tc', 'iproute2')];
const rpm = [
  curl,
  program('rpmbuild', 'rpm'),
  program('createrepo_c', 'createrepo-c'),
  program('dnf', 'dnf'),
  // For the shell in the packages.
  program('apt-get', 'apt'),
  program('dpkg-deb', 'dpkg'),
];
const kernel = library(
  'Debian’s kernel for the network',
  '/usr/lib/debian-installer/images/12/amd64/text',
  'debian-installer-12-netboot-amd64',
);
const pseries = [program('qemu-system-ppc64', 'qemu-system-ppc'), kernel];
const pc = [
  program('qemu-system-x86_64', 'qemu-system-x86'),
  program('busybox', 'busybox'),
  dnsmasq,
  kernel,
];
const bios = [
  ...pc,
  library('iPXE for QEMU’s cards', '/usr/lib/ipxe/qemu/pxe-virtio.rom', 'ipxe-qemu'),
  library('PXELINUX', '/usr/lib/PXELINUX/pxelinux.0', 'pxelinux'),
  library('PXELINUX’s modules', '/usr/lib/syslinux/modules/bios', 'syslinux-common'),
];
const ovmf = [
  ...pc,
  library('OVMF', '/usr/share/ovmf/OVMF.fd', 'ovmf'),
  library('the signed shim', '/usr/lib/shim/shimx64.efi.signed', 'shim-signed'),
  library('the signed GRUB', '/usr/lib/grub/x86_64-efi-signed/*', 'grub-efi-amd64-signed'),
  library('iPXE for UEFI', '/usr/lib/ipxe/snponly.efi', 'ipxe'),
  library('SYSLINUX for UEFI', '/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi', 'syslinux-efi'),
];
const dracut = [
  program('dracut', 'dracut-core'),
  library('dracut’s network', '/usr/lib/dracut/modules.d/40network', 'dracut-network'),
  program('arping', 'iputils-arping'),
  program('mksquashfs', 'squashfs-tools'),
];
const scanpackages = program('dpkg-scanpackages', 'dpkg-dev');
const unpackers = [program('busybox', 'busybox'), program('zstd', 'zstd')];
const debugfs = program('debugfs', 'e2fsprogs');
const debian = [
  curl,
  program('apt-get', 'apt'),
  program('apt-ftparchive', 'apt-utils'),
  program('dpkg-deb', 'dpkg'),
  program('gpg', 'gnupg'),
  program('gpgv', 'gpgv'),
  program('debootstrap', 'debootstrap'),
];

/** What each file of test/clients, test/rack and test/boot needs; a file without a line is an error. */
export const requirements: ReadonlyMap<string, readonly Requirement[]> = new Map([
  ['test/boot/full/dracut.test.ts', [...rack, ...bios, ...dracut, ...rpm, dhclient]],
  ['test/boot/full/boot-wait.test.ts', [...rack, ...bios, curl]],
  ['test/boot/full/debian-netboot.test.ts', [...rack, ...bios, ...debian, scanpackages, debugfs]],
  ['test/boot/full/debut.test.ts', [...rack, ...bios, ...ovmf, ...debian]],
  ['test/boot/install.test.ts', [...rack, ...bios, ...ovmf, ...debian]],
  ['test/clients/agent-curl.test.ts', [curl]],
  ['test/clients/agent-control.test.ts', [curl, program('busybox', 'busybox')]],
  ['test/clients/agent-restart.test.ts', [curl]],
  ['test/clients/agent-wget.test.ts', [wget]],
  ['test/clients/api-curl.test.ts', [curl]],
  [
    'test/clients/clock-1970.test.ts',
    [curl, library('libfaketime', '/usr/lib/*/faketime/libfaketime.so.1', 'libfaketime')],
  ],
  [
    'test/clients/boot-wait-grub.test.ts',
    [program('grub-emu', 'grub-emu'), program('script', 'bsdutils')],
  ],
  ['test/clients/console.test.ts', [chromium]],
  ['test/clients/console-scale.test.ts', [chromium]],
  ['test/clients/console-sign-in.test.ts', [chromium, ownAddress]],
  ['test/clients/curl-wget.test.ts', [curl, wget]],
  ['test/clients/dhcp-export.test.ts', [dnsmasq, dhcpd, kea]],
  ['test/clients/foreign-aria2.test.ts', [aria2]],
  ['test/clients/foreign-libtorrent.test.ts', [libtorrent]],
  ['test/clients/foreign-transmission.test.ts', [...rack, transmission]],
  ['test/clients/foreign-webtorrent.test.ts', []],
  ['test/clients/tftp-options.test.ts', [atftp, curl, tftp]],
  ['test/clients/tftp-package.test.ts', []],
  [
    'test/clients/preseed-debconf.test.ts',
    [program('busybox', 'busybox'), program('debconf-set-selections', 'debconf'), kernel],
  ],
  ['test/clients/tftp.test.ts', [atftp, curl, tftp]],
  ['test/clients/tracker-aria2.test.ts', [aria2]],
  ['test/clients/tracker-bittorrent-tracker.test.ts', []],
  ['test/clients/tracker-curl.test.ts', [curl]],
  ['test/clients/tracker-libtorrent.test.ts', [libtorrent]],
  ['test/clients/tree-iso.test.ts', [program('xorriso', 'xorriso')]],
  ['test/clients/ramdisk-scripts.test.ts', [program('busybox', 'busybox')]],
  ['test/rack/agent-loopback.test.ts', rack],
  ['test/rack/agent-store.test.ts', [root, namespaces]],
  ['test/rack/boot-bios.test.ts', [...rack, ...bios]],
  ['test/rack/boot-noise.test.ts', [...rack, curl]],
  ['test/rack/boot-ovmf.test.ts', [...rack, ...ovmf]],
  ['test/rack/boot-proxy.test.ts', [...rack, ...bios, ...ovmf]],
  ['test/rack/boot-slof.test.ts', [...rack, ...pseries]],
  ['test/rack/boot-yaboot.test.ts', [...rack, kernel, tftp, udhcpc]],
  [
    'test/boot/full/debian-installer.test.ts',
    [...rack, ...debian, kernel, scanpackages, udhcpc, ...unpackers],
  ],
  ['test/rack/debian.test.ts', [...rack, ...debian]],
  ['test/rack/dhcp-kill.test.ts', rack],
  ['test/rack/dhcp-conflict.test.ts', [...rack, curl, udhcpc]],
  ['test/rack/dhcp-rival.test.ts', [...rack, dnsmasq, udhcpc]],
  ['test/rack/dhcp-package.test.ts', rack],
  ['test/rack/dhcp-relay.test.ts', [...rack, dnsmasq, dhcrelay, udhcpc]],
  ['test/rack/dhcp-export.test.ts', [...rack, dnsmasq, dhcpd, kea]],
  ['test/rack/dhcp-interface.test.ts', rack],
  ['test/rack/dhcp.test.ts', [...rack, curl, udhcpc, dhclient]],
  ['test/rack/dracut-hooks.test.ts', [...rack, program('busybox', 'busybox')]],
  ['test/rack/discover.test.ts', [...rack, curl, udhcpc]],
  ['test/rack/dnf.test.ts', [...rack, ...rpm]],
  ['test/rack/faults.test.ts', [...rack, ...rpm]],
  ['test/rack/image.test.ts', [...rack, program('busybox', 'busybox')]],
  ['test/rack/ramdisk.test.ts', [...rack, program('busybox', 'busybox')]],
  ['test/rack/interface-socket.test.ts', rack],
  ['test/rack/namespaces.test.ts', rack],
  [
    'test/rack/profile-debian.test.ts',
    [...rack, ...debian, kernel, udhcpc, program('busybox', 'busybox')],
  ],
]);

/** Files of test/rack whose machines are emulated: one a core. */
const firmware = inRack('boot-bios', 'boot-ovmf', 'boot-proxy', 'boot-slof');
/** Those that need all of the machine's cores. The others mostly wait. */
const installers = inRack('debian', 'dnf', 'faults', 'image', 'profile-debian');

function inRack(...names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => `test/rack/${name}.test.ts`));
}

/** One that waits for three minutes is not to be the last. */
function longestFirst(files: readonly string[]): readonly string[] {
  const longest = files.filter((path) => path.endsWith('/ramdisk.test.ts'));
  return [...longest, ...files.filter((path) => !longest.includes(path))];
}

/** The suites in the order in which they run, as the folders hold them now. */
export function listSuites(): readonly Suite[] {
  const all = globSync('test/**/*.test.ts').sort();
  const clients = all.filter((path) => path.startsWith('test/clients/'));
  const racks = all.filter((path) => path.startsWith('test/rack/'));
  const inBoot = all.filter((path) => path.startsWith('test/boot/'));
  const full = inBoot.filter((path) => path.startsWith('test/boot/full/'));
  const others = new Set([...clients, ...racks, ...inBoot]);
  const isBusy = (path: string) => firmware.has(path) || installers.has(path);
  const unit = all.filter((path) => !others.has(path));
  const inClients = (isBrowser: boolean) =>
    clients.filter((path) => path.startsWith('test/clients/console') === isBrowser);
  const one = { filesAtOnce: 1, isSerial: true };
  return [
    // Most wait for programs that they start.
    { name: 'unit', files: unit, filesAtOnce: 3 },
    { name: 'clients', files: inClients(false), filesAtOnce: 2 },
    { name: 'browser', files: inClients(true), filesAtOnce: 2, isSerial: true },
    {
      ...{ name: 'rack', filesAtOnce: 3, isSerial: true },
      files: longestFirst(racks.filter((path) => !isBusy(path))),
    },
    {
      ...{ name: 'firmware', filesAtOnce: 2, isSerial: true },
      files: racks.filter((path) => firmware.has(path)),
    },
    { ...one, name: 'installers', files: racks.filter((path) => installers.has(path)) },
    { ...one, name: 'boot', files: inBoot.filter((path) => !full.includes(path)) },
    { ...one, name: 'boot-full', files: full, isOnRequest: true },
  ];
}
