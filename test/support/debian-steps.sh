#!/bin/sh
# The installation, in Debian's own ramdisk. Its own parts do what can be done without a disk: the
# answers in the kernel's arguments, the network, the preseed and its commands, the mirror, in-target.
# What comes from udebs stands in here: base-installer, apt-setup, user-setup, tzsetup and pkgsel, which
# do the least that these do with the same answers. Runs where main-menu does.
# With the kernel's argument base=none the ramdisk's own programs are the new system.
set -e

stand_in() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod 755 "$1"
}

if [ -z "$DEBIAN_HAS_FRONTEND" ]; then
  # Asks, and says in the log that it does; nobody is there to answer.
  export DEBIAN_FRONTEND=text DEBCONF_DEBUG=5
  /sbin/syslogd -m 0 -O /var/log/syslog -S
  . /lib/debian-installer-startup.d/S20templates
  /lib/debian-installer-startup.d/S32env-preseed
  /lib/debian-installer-startup.d/S60auto-install
  # A udeb for partitions brings it: the usual name of a device.
  stand_in /bin/mapdevfs 'echo "$1"'
  exec debconf -o d-i /steps.sh
fi

. /usr/share/debconf/confmodule

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Says what main-menu says of a part that failed; that then waits for somebody to choose what to do.
step() {
  logger -t main-menu "INFO: Menu item '$1' selected"
  "$1" || {
    logger -t main-menu "WARNING **: Configuring '$1' failed with error code $?"
    exec sleep 3600
  }
}

# Sets $mirror, $suite and $trust.
read_mirror() {
  db_get mirror/http/hostname
  mirror=http://$RET
  db_get mirror/http/directory
  mirror=$mirror$RET
  db_get mirror/codename
  suite=$RET
  db_get debian-installer/allow_unauthenticated
  trust=$RET
  db_get mirror/http/proxy
  [ -z "$RET" ] || export http_proxy="$RET"
}

base_installer() {
  if [ "$base" = none ]; then
    for folder in bin sbin lib lib64 usr; do
      mkdir -p "/target/$folder"
      mount --bind "/$folder" "/target/$folder"
    done
    mkdir -p /target/proc /target/sys /target/dev /target/run /target/etc /target/root
    stand_in /usr/bin/dpkg-divert :
    return
  fi
  if [ "$trust" = true ]; then check=--no-check-gpg; else check=--keyring=$OUTSIDE$keyring; fi
  # The new system's debconf is not to talk to this one.
  chroot /machine env -i "PATH=$PATH" LC_ALL=C DEBIAN_FRONTEND=noninteractive \
    debootstrap --variant=minbase "$check" "$suite" "$OUTSIDE/target" "$mirror" \
    </dev/null >/var/log/debootstrap.log 2>&1 3>&- || return
  /usr/lib/base-installer.d/40netcfg
}

apt_setup() {
  cp "$keyring" /target/etc/apt/trusted.gpg.d/mirror.gpg
  if [ "$trust" = true ]; then options='[trusted=yes] '; else options=; fi
  echo "deb $options$mirror $suite main" >/target/etc/apt/sources.list
  in-target apt-get -q update
}

user_setup() {
  db_get passwd/root-password-crypted
  (umask 077 && echo "root:$RET" >/target/root/password)
  in-target sh -c 'chpasswd -e </root/password' || return
  rm /target/root/password
}

tzsetup() {
  db_get time/zone
  echo "$RET" >/target/etc/timezone
  ln -sf "/usr/share/zoneinfo/$RET" /target/etc/localtime
}

pkgsel() {
  db_get pkgsel/include || return 0
  in-target env DEBIAN_FRONTEND=noninteractive apt-get -q -y install -- $RET
}

network_preseed() {
  /var/lib/dpkg/info/network-preseed.postinst
}

finish_install() {
  for part in 07preseed 55netcfg-copy-config 97release-dhcp-lease; do
    "/usr/lib/finish-install.d/$part" || return
  done
}

step netcfg
step network_preseed
step choose-mirror
read_mirror
step base_installer
if [ "$base" != none ]; then
  step apt_setup
  step user_setup
  step tzsetup
fi
step pkgsel
step finish_install
wget -q -O /agent.json http://127.0.0.1/agent/status
