/** A file to put into the general root, and where it comes from. */
export type WantedFile = {
  /** From the general root. */
  readonly to: string;
  /** Path from `/`, without a leading slash. */
  readonly from: string;
  /** The Debian package that has it. */
  readonly package: string;
  /** It fits only what comes with it, one of these. */
  readonly goesWith?: readonly string[];
};

const bios = 'usr/lib/syslinux/modules/bios';

/**
 * Loaders as Debian packages them. Each of them loads its companions (`ldlinux.c32`, `grubx64.efi`)
 * by these very names from the folder it came from.
 */
export const loaderFiles: readonly WantedFile[] = [
  wanted('pxelinux.0', 'usr/lib/PXELINUX/pxelinux.0', 'pxelinux'),
  wanted('lpxelinux.0', 'usr/lib/PXELINUX/lpxelinux.0', 'pxelinux'),
  ...['ldlinux', 'libcom32', 'libutil', 'chain'].map((name) => ({
    ...wanted(`${name}.c32`, `${bios}/${name}.c32`, 'syslinux-common'),
    goesWith: ['pxelinux.0', 'lpxelinux.0'],
  })),
  wanted('syslinux.efi', 'usr/lib/SYSLINUX.EFI/efi64/syslinux.efi', 'syslinux-efi'),
  {
    ...wanted('ldlinux.e64', 'usr/lib/syslinux/modules/efi64/ldlinux.e64', 'syslinux-common'),
    goesWith: ['syslinux.efi'],
  },
  wanted('shimx64.efi', 'usr/lib/shim/shimx64.efi.signed', 'shim-signed'),
  wanted(
    'grubx64.efi',
    'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
    'grub-efi-amd64-signed',
  ),
  wanted('snponly.efi', 'usr/lib/ipxe/snponly.efi', 'ipxe'),
  wanted('ipxe.efi', 'usr/lib/ipxe/ipxe.efi', 'ipxe'),
  wanted('undionly.kpxe', 'usr/lib/ipxe/undionly.kpxe', 'ipxe'),
];

/** For machines that not every rack has: taken along where they are installed, else not missed. */
export const rareLoaderFiles: readonly WantedFile[] = [
  wanted('mmx64.efi', 'usr/lib/shim/mmx64.efi.signed', 'shim-helpers-amd64-signed'),
  wanted('shimia32.efi', 'usr/lib/shim/shimia32.efi.signed', 'shim-signed'),
  wanted(
    'grubia32.efi',
    'usr/lib/grub/i386-efi-signed/grubnetia32.efi.signed',
    'grub-efi-ia32-signed',
  ),
  wanted('shimaa64.efi', 'usr/lib/shim/shimaa64.efi.signed', 'shim-signed'),
  wanted(
    'grubaa64.efi',
    'usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed',
    'grub-efi-arm64-signed',
  ),
  wanted('grub.elf', 'usr/lib/grub/powerpc-ieee1275/grub.elf', 'grub-ieee1275-bin'),
];

/** GRUB for Open Firmware loads the rest of itself from here, over the network. */
export const grubModules = {
  from: 'usr/lib/grub/powerpc-ieee1275',
  to: 'grub/powerpc-ieee1275',
} as const;

/** Where kernel and ramdisk of an installer lie on its medium, from its root. */
export type InstallerLayout = {
  readonly of: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The distribution's own signed loaders: Secure Boot takes its kernel from these only. */
  readonly signed?: readonly { readonly to: string; readonly from: string }[];
};

const redHatLoaders = [
  { to: 'shimx64.efi', from: 'EFI/BOOT/BOOTX64.EFI' },
  { to: 'grubx64.efi', from: 'EFI/BOOT/grubx64.efi' },
];

export const installerLayouts: readonly InstallerLayout[] = [
  {
    of: 'Fedora and Red Hat',
    kernel: 'images/pxeboot/vmlinuz',
    initrd: 'images/pxeboot/initrd.img',
    signed: redHatLoaders,
  },
  ...['amd64', 'arm64', 'i386', 'ppc64el'].map((architecture) => ({
    of: 'Debian netboot',
    kernel: `debian-installer/${architecture}/linux`,
    initrd: `debian-installer/${architecture}/initrd.gz`,
  })),
  {
    of: 'Debian netboot, ppc64el',
    kernel: 'debian-installer/ppc64el/vmlinux',
    initrd: 'debian-installer/ppc64el/initrd.gz',
  },
  ...['amd', 'a64', '386'].map((architecture) => ({
    of: 'Debian',
    kernel: `install.${architecture}/vmlinuz`,
    initrd: `install.${architecture}/initrd.gz`,
  })),
  { of: 'Debian mini.iso', kernel: 'linux', initrd: 'initrd.gz' },
  { of: 'Ubuntu', kernel: 'casper/vmlinuz', initrd: 'casper/initrd' },
  { of: 'openSUSE', kernel: 'boot/x86_64/loader/linux', initrd: 'boot/x86_64/loader/initrd' },
  { of: 'a plain folder', kernel: 'vmlinuz', initrd: 'initrd.img' },
  { of: 'a plain folder', kernel: 'linux', initrd: 'initrd' },
];

function wanted(to: string, from: string, packageName: string): WantedFile {
  return { to, from, package: packageName };
}
