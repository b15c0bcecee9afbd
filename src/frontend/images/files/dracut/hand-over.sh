# shellcheck shell=sh
# /lib/dracut/hooks/pre-pivot/50-scree.sh, read by dracut: what is below /run goes on in the system
# that comes next, and so do the agent's files and its pieces; systemd starts it again there. Killed,
# and not told to end, it leaves its pieces where they are.
if [ -x /opt/scree/run ] && [ -d /run/scree ] && [ -d /run/systemd/system ]; then
  for _scree in /run/scree/run.pid /run/scree/agent.pid; do
    [ ! -s $_scree ] || { read -r _scree <$_scree && kill -9 "$_scree" 2>/dev/null; }
  done
  unset _scree
  cp -a /opt/scree /run/scree/agent
  mkdir -p /run/systemd/system/sysinit.target.wants
  cp /opt/scree/scree-agent.service /run/systemd/system/
  ln -sf ../scree-agent.service /run/systemd/system/sysinit.target.wants/scree-agent.service
fi
