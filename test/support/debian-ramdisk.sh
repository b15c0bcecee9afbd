#!/bin/sh
# What a machine does between its loader and its reboot, as far as no firmware, kernel or disk is
# needed: runs in namespaces of its own as their first process, so that to kill it is to cut its power.
#   debian-ramdisk.sh MACHINE AGENT STEPS KEYRING
# MACHINE has `cmdline`, the kernel's arguments, and `ramdisk`, Debian's own, unpacked. AGENT is a folder
# with what an image for machines has in /opt/scree of the ramdisk: there, AGENT is empty. KEYRING
# stands for Debian's.
set -eu
machine=$1 agent=$2 steps=$3 keyring=$4
root=$machine/ramdisk

# The kernel: its arguments, and its file systems.
mount -t proc proc /proc
mount --bind "$machine/cmdline" /proc/cmdline
# What debootstrap needs stands there; the installer's own parts for it are in no ramdisk.
mkdir -p "$root/machine" "$root/target"
mount --rbind / "$root/machine"
mount -t proc proc "$root/proc"
mount --bind "$machine/cmdline" "$root/proc/cmdline"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs run "$root/run"
mount -t tmpfs dev "$root/dev"
for node in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "$root/dev/${node%:*}" c 1 "${node#*:}"
done

# Of the arguments, `hostname=` is the kernel's own, and those without a dot are what init sees.
echo '(none)' >/proc/sys/kernel/hostname
set -- PATH=/usr/bin:/usr/sbin:/bin:/sbin TERM=linux "OUTSIDE=$root"
for word in $(cat /proc/cmdline); do
  case ${word%%=*}:$word in
    hostname:*) hostname "${word#*=}" ;;
    *.*:*) ;;
    *:*=*) set -- "$@" "$word" ;;
  esac
done

cp "$keyring" "$root/usr/share/keyrings/debian-archive-keyring.gpg"
cp "$steps" "$root/steps.sh"
chmod 755 "$root/steps.sh"
# A place outside of the ramdisk, where the preseed does not see it: there are no hooks of the image.
if [ -n "$agent" ]; then
  SCREE_PLACE=$machine/place SCREE_LOG=$root/var/log/scree-agent.log "$agent/run" >/dev/null 2>&1 &
fi
env -i "$@" chroot "$root" /steps.sh
