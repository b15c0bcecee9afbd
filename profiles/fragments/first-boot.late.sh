mkdir -p "$TARGET/var/lib/scree" "$TARGET/etc/systemd/system/multi-user.target.wants"
scree_fetch {{ install.files-url | append: "selections" }} "$TARGET/var/lib/scree/selections"
cat >"$TARGET/var/lib/scree/first-boot.sh" <<'END'
#!/bin/sh
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-cache dumpavail | dpkg --merge-avail
dpkg --set-selections </var/lib/scree/selections
apt-get -q -y dselect-upgrade
systemctl disable scree-first-boot.service
END
cat >"$TARGET/etc/systemd/system/scree-first-boot.service" <<'END'
[Unit]
Description=Packages that were selected while the node was installed
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/scree/first-boot.sh

[Install]
WantedBy=multi-user.target
END
ln -sf ../scree-first-boot.service \
  "$TARGET/etc/systemd/system/multi-user.target.wants/scree-first-boot.service"
