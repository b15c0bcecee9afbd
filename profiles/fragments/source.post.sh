{% assign address = frontend-url | append: "/install/" | append: install.tree %}
{% if own-repositories and output == "kickstart" %}
for file in /etc/yum.repos.d/*.repo; do
  [ ! -f "$file" ] || sed -i 's/^enabled *=.*/enabled=0/' "$file"
done
{
{% for repository in repositories %}
{% assign label = repository | split: "/" | first %}
  printf '[scree-%s]\nname=%s\n' {{ label }} {{ label }}
  printf 'baseurl=%s/%s/\nenabled=1\n' {{ address }} {{ repository }}
  printf 'gpgcheck={% if trust-unsigned %}0{% else %}1{% endif %}\n'
  printf 'gpgkey=%s\n\n' {{ gpg-key }}
{% endfor %}
} >/etc/yum.repos.d/scree.repo
{% endif %}
{% if own-repositories and output == "preseed" or own-repositories and output == "script" %}
printf 'deb {% if trust-unsigned %}[trusted=yes] {% endif %}%s %s %s\n' \
  {{ address }} {{ suite }} {{ components | join: " " }} >/etc/apt/sources.list
{% endif %}
{% if own-repositories and output == "autoinstall" %}
{
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\n' \
    {{ address }} {{ suite }} {{ components | join: " " }}
  printf '{% if trust-unsigned %}Trusted: yes{% else %}Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg{% endif %}\n'
} >/etc/apt/sources.list.d/ubuntu.sources
{% endif %}
