list_disks() {
  for each in /sys/block/*; do
    case "${each##*/}" in
      dm-* | fd* | loop* | md* | nbd* | ram* | sr* | zram*) continue ;;
    esac
    if [ "$(cat "$each/removable" "$each/ro" | tr -d '\n')" = 00 ] && [ "$(cat "$each/size")" != 0 ]; then
      echo "${each##*/}"
    fi
  done
}
disk={{ disk | remove_first: "/dev/" }}
# Controllers look for their disks in the background.
tries=0
until [ -b "/dev/${disk:=$(list_disks | head -n 1)}" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 20 ] ||
    scree_fail "expected a disk ${disk:-that is not removable}, found $(list_disks | tr '\n' ' ')"
  sleep 1
done
disk=$(basename "$(readlink -f "/dev/$disk")")
size_mib=$(($(cat "/sys/class/block/$disk/size") / 2048))
least_mib={{ least-disk-mib }}
[ "$size_mib" -ge "$least_mib" ] ||
  scree_fail "expected a disk of at least $least_mib MiB, /dev/$disk has $size_mib MiB"
echo "installing on /dev/$disk, $size_mib MiB"

case "$disk" in
  *[0-9]) partition="/dev/${disk}p" ;;
  *) partition="/dev/$disk" ;;
esac
{
  echo 'label: gpt'
  if [ -d /sys/firmware/efi ]; then
    echo 'size=512MiB, type=uefi, name=EFI'
  else
    # GRUB's own place on machines with a BIOS.
    echo 'size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=grub'
  fi
  echo 'type=linux, name=root, attrs=LegacyBIOSBootable'
} | sfdisk --quiet --wipe always --wipe-partitions always "/dev/$disk"
tries=0
until [ -b "${partition}2" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 20 ] || scree_fail "expected ${partition}2 after partitioning, found none"
  sleep 0.5
done

root_uuid=$(cat /proc/sys/kernel/random/uuid)
# EXTLINUX reads no ext4 of 64 bits.
mke2fs -q -F -t ext4 -O ^64bit -L root -U "$root_uuid" "${partition}2"
# GRUB names file systems by their ids only where udev would have put these links.
mkdir -p /dev/disk/by-uuid
ln -sf "../../${partition##*/}2" "/dev/disk/by-uuid/$root_uuid"
mkdir -p "$TARGET"
mount -t ext4 "${partition}2" "$TARGET"
mkdir -p "$TARGET/etc"
printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$root_uuid" >"$TARGET/etc/fstab"
if [ -d /sys/firmware/efi ]; then
  mkdosfs -n EFI "${partition}1" >/dev/null
  mkdir -p "$TARGET/boot/efi"
  mount -t vfat "${partition}1" "$TARGET/boot/efi"
  efi_uuid=$(blkid "${partition}1" | sed -n 's/.* UUID="\([^"]*\)".*/\1/p')
  printf 'UUID=%s /boot/efi vfat umask=0077 0 1\n' "$efi_uuid" >>"$TARGET/etc/fstab"
fi
scree_partitioned
