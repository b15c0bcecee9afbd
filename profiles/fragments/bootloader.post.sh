{% if output == "autoinstall" %}
{% capture arguments %}{% if serial-console != "" %}console=tty0 console={{ serial-console }} {% endif %}{{ kernel-arguments }}{% endcapture %}
{% assign line = arguments | strip | sh %}
{% assign line = "GRUB_CMDLINE_LINUX=" | append: line %}
mkdir -p /etc/default/grub.d
printf '%s\n' {{ line }} >/etc/default/grub.d/90-scree.cfg
update-grub
{% endif %}
