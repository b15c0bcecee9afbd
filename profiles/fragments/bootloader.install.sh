{% capture arguments %}{% if serial-console != "" %}console=tty0 console={{ serial-console }} {% endif %}{{ kernel-arguments }}{% endcapture %}
{% assign arguments = arguments | strip %}
{% case architecture %}
{% when "aarch64" %}{% assign debian-architecture = "arm64" %}{% assign grub-target = "arm64-efi" %}
{% else %}{% assign debian-architecture = "amd64" %}{% assign grub-target = "x86_64-efi" %}
{% endcase %}
kernel={{ kernel-package }}
: "${kernel:=linux-image-{{ debian-architecture | raw }}}"
# The kernel comes last: its ramdisk would be made again for each package that has a part in it.
ramdisk=initramfs-tools
[ ! -e "$TARGET/usr/bin/dracut" ] || ramdisk=
{% if boot-loader == "extlinux" %}
[ ! -d /sys/firmware/efi ] ||
  scree_fail 'boot-loader extlinux: expected a machine with a BIOS, this one has UEFI; set boot-loader=grub'
scree_install $ramdisk extlinux
scree_install "$kernel"
mkdir -p "$TARGET/boot/extlinux"
# /vmlinuz and /initrd.img lead to the newest kernel.
printf 'DEFAULT linux\nLABEL linux\n  KERNEL /vmlinuz\n  INITRD /initrd.img\n  APPEND root=UUID=%s ro %s\n' \
  "$root_uuid" {{ arguments }} >"$TARGET/boot/extlinux/extlinux.conf"
in_new_system extlinux --install /boot/extlinux
dd if="$TARGET/usr/lib/EXTLINUX/gptmbr.bin" of="/dev/$disk" bs=440 count=1 conv=notrunc
{% else %}
{% assign line = arguments | sh %}
{% assign line = "GRUB_CMDLINE_LINUX=" | append: line %}
mkdir -p "$TARGET/etc/default/grub.d"
printf '%s\n' {{ line }} >"$TARGET/etc/default/grub.d/90-scree.cfg"
if [ -d /sys/firmware/efi ]; then
  scree_install $ramdisk {{ "grub-efi-" | append: debian-architecture }} shim-signed
  scree_install "$kernel"
  # No entry in the firmware's own list: the network stays first, and says when the disk is next.
  in_new_system grub-install {{ "--target=" | append: grub-target }} --efi-directory=/boot/efi \
    --uefi-secure-boot --no-nvram --force-extra-removable
else
  # Where its later versions are to go.
  echo "grub-pc grub-pc/install_devices multiselect /dev/$disk" | in_new_system debconf-set-selections
  scree_install $ramdisk grub-pc
  scree_install "$kernel"
  in_new_system grub-install --target=i386-pc "/dev/$disk"
fi
in_new_system update-grub
{% endif %}
