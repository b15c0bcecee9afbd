{% if output != "kickstart" %}
add_key() {
  home=$(getent passwd "$1" | cut -d: -f6)
  group=$(id -gn "$1")
  install -d -m 700 -o "$1" -g "$group" "$home/.ssh"
  printf '%s\n' "$2" >>"$home/.ssh/authorized_keys"
  chown "$1:$group" "$home/.ssh/authorized_keys"
  chmod 600 "$home/.ssh/authorized_keys"
}
{% if output != "preseed" and root-password-hash != "" %}
printf '%s\n' {{ "root:" | append: root-password-hash }} | chpasswd -e
{% endif %}
{% for user in users %}
{% assign login = user | before: ":" %}
{% assign hash = user | after: ":" %}
id {{ login }} >/dev/null 2>&1 || useradd -m -s /bin/bash {{ login }}
{% if hash != "" %}
printf '%s\n' {{ user }} | chpasswd -e
{% endif %}
{% if admins contains login %}
usermod -a -G sudo {{ login }}
{% endif %}
{% endfor %}
{% for key in ssh-keys %}
add_key root {{ key }}
{% endfor %}
{% for key in user-keys %}
add_key {{ key | before: ":" }} {{ key | after: ":" }}
{% endfor %}
{% endif %}
