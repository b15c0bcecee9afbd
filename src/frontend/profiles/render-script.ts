import { renderCalls } from './calls.ts';
import type { RenderInput } from './render-kickstart.ts';
import { foreignPackages, selection } from './render-preseed.ts';
import { inNewSystem, inSubshell, renderLastSteps, shellScript } from './scripts.ts';
import type { Part } from './sections.ts';
import type { Rendered } from './types.ts';

/**
 * One script for /bin/sh that installs the whole system, as the ramdisk of `scree image build
 * --ramdisk` runs it: pre.sh; install.sh in one shell; packages; post.sh and late.sh; the success
 * call. Whatever breaks off ends in the failure call.
 */
export function renderScript({ host, declared, context, sections }: RenderInput): Rendered {
  const packages = sections.packages('packages');
  sections.problems.push(...foreignPackages(packages, declared.name));
  const selections = sections.packages('selections').map(selection).join('');
  const { text } = shellScript([
    `#!/bin/sh\n# ${host.node.name}: profile ${declared.name}`,
    renderCalls(context),
    guard,
    inNewSystem,
    functions,
    ...sections.parts('pre.sh').map((part) => inSubshell(part, 'pre')),
    ...sections.parts('install.sh').map(inOneShell),
    ...(packages.length > 0 ? [`scree_step=packages\nscree_install ${packages.join(' ')}`] : []),
    'scree_phase post',
    ...renderLastSteps(sections),
    lastStep,
  ]);
  const contentType = 'text/plain; charset=utf-8';
  return {
    output: 'script',
    contentType: 'text/x-shellscript; charset=utf-8',
    text,
    files: new Map([['selections', { contentType, text: selections }]]),
  };
}

/** What one fragment learns (which disk, which partition) the next ones need. */
function inOneShell({ fragment, text }: Part): string {
  return `scree_step=install%20${encodeURIComponent(fragment)}\n${text}`;
}

// The agent tells the end, so that it can go on seeding meanwhile; without it the frontend is told.
const guard = `scree_log="\${SCREE_LOG:-/var/log/scree-install.log}"
scree_tmp=$(mktemp -d)
scree_step=begin
exec >>"$scree_log" 2>&1
scree_say() {
  [ -x /opt/scree/say ] && /opt/scree/say "$@" >/dev/null
}
scree_tell_end() {
  [ -x /opt/scree/say ] && /opt/scree/say end "$@" | grep -q '"isTold":true'
}
scree_fail() {
  printf '%s\\n' "$*" | tee "$scree_tmp/why"
  exit 1
}
scree_end() {
  scree_code=$?
  trap - EXIT
  [ "$scree_code" != 0 ] || exit 0
  scree_what=$(printf '%s' "$scree_step" | sed 's/%20/ /g')
  scree_what="$scree_what: $(head -n 1 "$scree_tmp/why" 2>/dev/null || echo "exit code $scree_code")"
  echo "failed: $scree_what"
  [ ! -d /run/scree ] || echo "$scree_what" >/run/scree/failed
  scree_tell_end failure "$scree_what" "$scree_log" ||
    scree_failure "$(printf '%s' "$scree_what" | tr -c ' -~' '?' | sed "$scree_in_url")" "$scree_log"
  exit "$scree_code"
}
scree_in_url='s/%/%25/g;s/ /%20/g;s/"/%22/g;s/#/%23/g;s/&/%26/g;s/+/%2B/g;s/</%3C/g;s/>/%3E/g'
trap scree_end EXIT
set -e`;

const functions = `scree_phase() {
  scree_say phase "$1" || :
}
scree_partitioned() {
  scree_phase partitioned
  mkdir -p "$TARGET/var/tmp/scree"
  scree_say store "$TARGET/var/tmp/scree" || :
}
scree_counted() {
  { scree_code=0; "$@" </dev/null || scree_code=$?; echo "$scree_code" >"$scree_tmp/code"; } 2>&1 |
    awk '
      /^I: Retrieving / { total++ }
      /^[0-9]+ upgraded, [0-9]+ newly installed/ { total += $3 }
      /^(I: Configuring|Setting up) / && ++done % 10 == 0 { tell() }
      { print; fflush() }
      END { if (done > 0) tell() }
      function tell() {
        if (done > total) total = done
        system("test ! -x /opt/scree/say || /opt/scree/say packages " done " " total " >/dev/null")
      }'
  return "$(cat "$scree_tmp/code")"
}
scree_install() {
  scree_phase packages
  printf '#!/bin/sh\\nexit 101\\n' >"$TARGET/usr/sbin/policy-rc.d"
  chmod 755 "$TARGET/usr/sbin/policy-rc.d"
  scree_counted in_new_system env DEBIAN_FRONTEND=noninteractive LC_ALL=C \\
    apt-get -q -y -o Dpkg::Options::=--force-confold install "$@" ||
    scree_fail "apt-get: $(grep '^E: ' "$scree_log" | tail -n 1)"
  rm -f "$TARGET/usr/sbin/policy-rc.d"
}`;

// The agent leaves its folder when it has nobody to serve any more.
// What is installed has not failed, whether that can be told or not: the ramdisk goes on telling.
const lastStep = `scree_step=success%20call
[ ! -d "$TARGET/var/log" ] || (umask 077 && cp "$scree_log" "$TARGET/var/log/scree-install.log")
sync
scree_phase done
[ ! -d /run/scree ] || : >/run/scree/installed
trap - EXIT
scree_tell_end success '' "$scree_log" || scree_success
rmdir "$TARGET/var/tmp/scree" 2>/dev/null || :`;
