{% if output == "kickstart" %}
disk={{ disk | remove_first: "/dev/" }}
if [ -z "$disk" ]; then
  disk=$(lsblk -dnro NAME,TYPE,RM,RO | awk '$2 == "disk" && $3 == 0 && $4 == 0 && $1 !~ /^zram/ {print $1; exit}')
fi
if [ -z "$disk" ]; then
  echo 'expected a disk that is not removable, found none'
  exit 1
fi
printf 'ignoredisk --only-use="%s"\nclearpart --all --initlabel --drives="%s"\n' \
  "$disk" "$disk" >/tmp/scree-disk.ks
{% endif %}
