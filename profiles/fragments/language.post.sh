{% if output == "script" %}
{% if language != "C.UTF-8" %}
printf '%s UTF-8\n' {{ language }} >/etc/locale.gen
locale-gen
{% endif %}
printf 'LANG=%s\n' {{ language }} >/etc/default/locale
printf 'XKBLAYOUT=%s\n' {{ keyboard }} >/etc/default/keyboard
{% endif %}
