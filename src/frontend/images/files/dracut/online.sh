# shellcheck shell=sh
# /lib/dracut/hooks/initqueue/online/05-scree.sh, read by dracut when an interface is up: the agent
# is there before anything is asked of it. Whoever asks before it is ready is refused, so wait a bit.
if [ -x /opt/scree/run ]; then
  setsid /opt/scree/run </dev/null >/dev/null 2>&1 &
  for _scree in 1 2 3 4 5 6 7 8 9 10; do
    /opt/scree/say status >/dev/null 2>&1 && break
    [ ! -e /run/scree/refused ] || break
    sleep 1
  done
  unset _scree
fi
