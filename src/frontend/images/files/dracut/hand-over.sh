# shellcheck shell=sh
# /lib/dracut/hooks/pre-pivot/50-scree.sh, read by dracut: what is below /run goes on in the system
# that comes next, and so do the agent's files and its pieces; systemd starts it again there.
if [ -x /opt/scree/run ] && [ -d /run/scree ]; then
  cp -a /opt/scree /run/scree/agent
  mkdir -p /run/systemd/system/sysinit.target.wants
  cp /opt/scree/scree-agent.service /run/systemd/system/
  ln -sf ../scree-agent.service /run/systemd/system/sysinit.target.wants/scree-agent.service
fi
