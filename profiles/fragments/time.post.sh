{% if output == "script" %}
{% assign zone-file = "/usr/share/zoneinfo/" | append: time-zone %}
printf '%s\n' {{ time-zone }} >/etc/timezone
ln -sf {{ zone-file }} /etc/localtime
{% if ntp-servers.size > 0 %}
mkdir -p /etc/systemd/timesyncd.conf.d
printf '[Time]\nNTP=%s\n' {{ ntp-servers | join: " " }} >/etc/systemd/timesyncd.conf.d/scree.conf
{% endif %}
{% endif %}
