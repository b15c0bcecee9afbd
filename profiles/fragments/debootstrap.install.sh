{% assign address = install-from | append: "/install/" | append: install.tree %}
{% assign variant = debootstrap-variant | replace: "standard", "-" %}
{% case architecture %}
{% when "aarch64" %}{% assign debian-architecture = "arm64" %}
{% else %}{% assign debian-architecture = "amd64" %}
{% endcase %}
scree_phase packages
cp "$TARGET/etc/fstab" "$scree_tmp/fstab"
scree_counted debootstrap {% if trust-unsigned %}--no-check-gpg {% endif %}--arch={{ debian-architecture }} \
  --variant={{ variant }} --components={{ components | join: "," }} \
  {{ suite }} "$TARGET" {{ address }} || {
  tail -n 30 "$TARGET/debootstrap/debootstrap.log" 2>/dev/null || :
  scree_fail "$(grep '^E: ' "$scree_log" | tail -n 1 || echo 'debootstrap failed')"
}
cp "$scree_tmp/fstab" "$TARGET/etc/fstab"

mount -o bind /dev "$TARGET/dev"
mount -t devpts devpts "$TARGET/dev/pts" 2>/dev/null || :
mount -t proc proc "$TARGET/proc" 2>/dev/null || :
mount -t sysfs sysfs "$TARGET/sys" 2>/dev/null || :
cp /etc/resolv.conf "$TARGET/etc/resolv.conf" 2>/dev/null || :
printf 'deb {% if trust-unsigned %}[trusted=yes] {% endif %}%s %s %s\n' \
  {{ address }} {{ suite }} {{ components | join: " " }} >"$TARGET/etc/apt/sources.list"
in_new_system apt-get -q update </dev/null
