# shellcheck shell=sh
# /lib/dracut/hooks/{initqueue/settled,pre-mount,pre-pivot}/01-scree.sh, read by dracut.
if [ -e /run/scree/refused ]; then
  read -r _scree </run/scree/refused
  die "scree: REFUSED: $_scree"
fi
