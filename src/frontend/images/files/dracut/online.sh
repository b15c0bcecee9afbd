# shellcheck shell=sh
# /lib/dracut/hooks/initqueue/online/05-scree.sh, read by dracut when an interface is up: the agent
# is there before anything is asked of it. Who asks before it is ready may not ask again.
if [ -e /run/scree/refused ]; then
  :
elif [ -x /opt/scree/run ] && [ -x /opt/scree/say ]; then
  setsid /opt/scree/run </dev/null >/dev/null 2>&1 &
  _scree=0
  until /opt/scree/say status >/dev/null 2>&1 || [ -e /run/scree/refused ] || [ $_scree = 300 ]; do
    _scree=$((_scree + 1))
    sleep 1
  done
  unset _scree
else
  mkdir -p /run/scree
  echo 'the image of the agent was cut short: see that all of it is sent' >/run/scree/refused
fi
