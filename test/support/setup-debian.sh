#!/bin/sh
# Installs every program that the tests and benchmarks drive (Debian, as root). Quick when all are
# there already; starts no service, now or at the next boot.
set -eu

# test/support/suites.ts says which suite needs which.
packages='
  apt-utils
  aria2
  atftp
  bsdutils
  busybox
  chromium
  createrepo-c
  curl
  debconf
  debian-archive-keyring
  debian-installer-12-netboot-amd64
  debootstrap
  dnf
  dnsmasq-base
  dpkg-dev
  dracut-core
  dracut-network
  e2fsprogs
  gnupg
  gpgv
  grub-efi-amd64-signed
  grub-emu
  iproute2
  iputils-arping
  ipxe
  ipxe-qemu
  isc-dhcp-client
  isc-dhcp-relay
  isc-dhcp-server
  kea-dhcp4-server
  kea-admin
  libfaketime
  nginx-light
  opentracker
  ovmf
  procps
  pxelinux
  python3-libtorrent
  qemu-system-ppc
  qemu-system-x86
  rpm
  shim-signed
  squashfs-tools
  syslinux-common
  syslinux-efi
  tftp-hpa
  tftpd-hpa
  transmission-daemon
  udhcpc
  util-linux
  wget
  xorriso
  zstd
'
# Packages that bring a service of the same name, or nearly.
services='isc-dhcp-relay:isc-dhcp-relay isc-dhcp-server:isc-dhcp-server
  kea-dhcp4-server:kea-dhcp4-server nginx-light:nginx opentracker:opentracker tftpd-hpa:tftpd-hpa
  transmission-daemon:transmission-daemon'

main() {
  command -v apt-get >/dev/null || fail 'expected a Debian system with apt-get, found none'
  missing=$(list_missing)
  [ -n "$missing" ] || { echo 'test setup: every package is there'; return; }
  [ "$(id -u)" = 0 ] || fail "expected to run as root, to install: $missing"
  echo "test setup: installing $missing"
  forbid_service_starts
  ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || refresh_lists
  # Old lists are the usual reason for a failure.
  # shellcheck disable=SC2086
  install $missing || { refresh_lists && install $missing; }
  leave_services_off
}

list_missing() {
  for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || printf '%s ' "$package"
  done
}

refresh_lists() {
  echo 'test setup: fetching the package lists'
  apt-get -qq update
}

install() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold install "$@" </dev/null >/dev/null
}

# A policy-rc.d that answers 101 keeps maintainer scripts from starting what they install.
forbid_service_starts() {
  [ ! -e /usr/sbin/policy-rc.d ] || return 0
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
}

# Only what was installed just now: a service that somebody runs here on purpose stays as it is.
leave_services_off() {
  command -v systemctl >/dev/null || return 0
  for entry in $services; do
    case " $missing" in
      *" ${entry%:*} "*) systemctl --quiet disable "${entry#*:}.service" 2>/dev/null || true ;;
    esac
  done
}

fail() {
  echo "test setup: $1" >&2
  exit 1
}

main
