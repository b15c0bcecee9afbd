{% if output == "script" %}
{% capture host %}{{ name }}{% if domain != "" %}.{{ domain }}{% endif %}{% endcapture %}
printf '%s\n' {{ name }} >/etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s %s\n' {{ host }} {{ name }} >/etc/hosts
printf '[Match]\nMACAddress=%s\n\n[Network]\nDHCP=yes\n' {{ mac }} >/etc/systemd/network/10-boot.network
systemctl enable systemd-networkd.service
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
{% endif %}
