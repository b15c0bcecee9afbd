{% assign base = install-from | append: "/install/" | append: install.tree %}
base={{ base }}
kernel={{ frontend-url | append: "/boot/debut/linux" }}
set -o pipefail
scree_phase packages
wget -q -O "$scree_tmp/packages" "$base/packages.txt"
total=$(wc -l <"$scree_tmp/packages")
count=0
while read -r deb; do
  # A process costs an emulated machine much.
  busybox wget -q -O "$scree_tmp/deb" "$base/pool/$deb"
  ar -p "$scree_tmp/deb" data.tar.xz | xzcat | tar -x -C "$TARGET"
  count=$((count + 1))
  echo "unpacked $deb ($count of $total)"
  [ $((count % 10)) != 0 ] || scree_say packages "$count" "$total" || :
done <"$scree_tmp/packages"
scree_say packages "$count" "$total" || :

echo {{ name }} >"$TARGET/etc/hostname"
cp "$TARGET/usr/share/base-passwd/passwd.master" "$TARGET/etc/passwd"
cp "$TARGET/usr/share/base-passwd/group.master" "$TARGET/etc/group"
cat >"$TARGET/etc/inittab" <<'END'
id:2:initdefault:
si::sysinit:/etc/init.d/first
T0:2:respawn:/sbin/agetty -L ttyS0 115200 vt220
END
mkdir -p "$TARGET/etc/init.d"
cat >"$TARGET/etc/init.d/first" <<'END'
#!/bin/bash
mount -n -o remount,rw /
hostname -F /etc/hostname
END
chmod 755 "$TARGET/etc/init.d/first"

# A ramdisk that finds the disk: what this one has, as far as it is needed.
small=$scree_tmp/small
mkdir -p "$small/bin" "$small/lib64" "$small/lib/x86_64-linux-gnu" "$small/proc" "$small/dev" "$small/root"
cp /bin/busybox "$small/bin"
cp /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/libresolv.so.2 \
  /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$small/lib/x86_64-linux-gnu"
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$small/lib64/ld-linux-x86-64.so.2"
{
  echo '#!/bin/busybox sh'
  echo '/bin/busybox mount -t proc proc /proc; /bin/busybox mount -t devtmpfs dev /dev'
  echo 'exec </dev/console >/dev/console 2>&1'
  for module in virtio_pci virtio_blk crc32c ext4; do
    modprobe -D "$module" | sed 's/^insmod //' | while read -r file _; do
      [ -e "$small/${file##*/}" ] || echo "/bin/busybox insmod /${file##*/}"
      cp "$file" "$small"
    done
  done
  echo "until root=\$(/bin/busybox findfs UUID=$root_uuid); do /bin/busybox sleep 1; done"
  echo '/bin/busybox mount -o ro "$root" /root'
  echo '/bin/busybox mount -o move /dev /root/dev; /bin/busybox mount -o move /proc /root/proc'
  echo 'exec /bin/busybox switch_root /root /sbin/init'
} >"$small/init"
chmod 755 "$small/init"
(cd "$small" && find . | cpio -o -H newc 2>/dev/null) | gzip >"$TARGET/boot/initrd"
wget -q -O "$TARGET/boot/linux" "$kernel"

arguments="root=UUID=$root_uuid ro console=ttyS0,115200 quiet"
if [ -d /sys/firmware/efi ]; then
  mkdir -p "$TARGET/boot/efi/EFI/debian"
  cp "$TARGET/usr/lib/shim/shimx64.efi.signed" "$TARGET/boot/efi/EFI/debian/shimx64.efi"
  cp "$TARGET/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$TARGET/boot/efi/EFI/debian/grubx64.efi"
  {
    echo "search --no-floppy --fs-uuid --set=root $root_uuid"
    echo "linux /boot/linux $arguments"
    echo 'initrd /boot/initrd'
    echo boot
  } >"$TARGET/boot/efi/EFI/debian/grub.cfg"
else
  mkdir -p "$TARGET/boot/extlinux"
  printf 'DEFAULT linux\nLABEL linux\n  KERNEL /boot/linux\n  INITRD /boot/initrd\n  APPEND %s\n' \
    "$arguments" >"$TARGET/boot/extlinux/extlinux.conf"
  extlinux --install "$TARGET/boot/extlinux"
  dd if=/usr/lib/EXTLINUX/gptmbr.bin of="/dev/$disk" bs=440 count=1 conv=notrunc 2>/dev/null
fi
wget -q -O - http://127.0.0.1/agent/status | tr -d '\n ' |
  sed 's/.*"receivedFromFrontendBytes":\([0-9]*\).*"receivedFromPeersBytes":\([0-9]*\).*/agent: frontend \1 peers \2\n/'
