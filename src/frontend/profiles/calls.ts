import { shellWord } from './shell-word.ts';
import type { RenderContext } from './types.ts';

/**
 * Shell functions that tell the frontend how the install went, by what is there: curl, GNU wget, or
 * busybox with nc. `scree_fetch URL FILE`; `scree_success`; `scree_failure REASON LOG` (a reason as
 * it stands in a URL) sends the log's last lines.
 */
export function renderCalls(context: RenderContext): string {
  return `${renderFetch(fetchByAny)}${renderCallsWith(context, postByAny(context))}`;
}

/** The same where curl is known to be, as in RHEL's installer. */
export function renderCurlCalls(context: RenderContext): string {
  return `${renderFetch(fetchByCurl)}${renderCallsWith(context, postByCurl(context, '  '))}`;
}

const fetchByCurl = `    curl -fsS -o "$2" "$1" && return 0
`;

const fetchByAny = `    if command -v curl >/dev/null 2>&1; then
      curl -fsS -o "$2" "$1" && return 0
    else
      wget -q -O "$2" "$1" && return 0
    fi
`;

function renderFetch(fetchOnce: string): string {
  return `scree_fetch() {
  scree_try=0
  while [ "$scree_try" -lt 10 ]; do
${fetchOnce}    scree_try=$((scree_try + 1))
    sleep 3
  done
  return 1
}
`;
}

function renderCallsWith({ urls }: RenderContext, post: string): string {
  return `scree_success() {
  scree_fetch ${shellWord(urls.success)} /dev/null
}
scree_failure() {
  scree_reason="$1"
  scree_last="\${scree_tmp:-/tmp}/scree-failure.$$.txt"
  tail -n 60 "$2" 2>/dev/null | tail -c 8000 >"$scree_last" || :
${post}}
`;
}

function postByCurl({ urls }: RenderContext, indent: string): string {
  return `${indent}curl -sS -m 60 -o /dev/null -H 'Content-Type: text/plain' --data-binary "@$scree_last" \\
${indent}  ${shellWord(withReason(urls.failure))}"$scree_reason" || :
`;
}

function postByAny(context: RenderContext): string {
  const url = new URL(withReason(context.urls.failure));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return `  if command -v curl >/dev/null 2>&1; then
${postByCurl(context, '    ')}  elif wget --help 2>&1 | grep -q post-file; then
    wget -q -T 60 -t 1 -O /dev/null --header='Content-Type: text/plain' \\
      --post-file="$scree_last" ${shellWord(url.href)}"$scree_reason" || :
  else
    {
      printf 'POST %s%s HTTP/1.0\\r\\nHost: %s\\r\\nContent-Type: text/plain\\r\\n' \\
        ${shellWord(url.pathname + url.search)} "$scree_reason" ${shellWord(url.host)}
      printf 'Content-Length: %s\\r\\n\\r\\n' "$(wc -c <"$scree_last")"
      cat "$scree_last"
      sleep 2
    } | nc ${shellWord(host)} ${url.port === '' ? '80' : url.port} >/dev/null || :
  fi
`;
}

/** A reason, as it stands in a URL, follows. */
export function withReason(failure: string): string {
  return `${failure}${failure.includes('?') ? '&' : '?'}reason=`;
}

/**
 * Ends a script that fails at any command with the failure call. What is done at the moment stands
 * in `scree_step`, as in a URL. `log` is a word of the shell. Installers go on after some failures:
 * where the agent came with the ramdisk, its hooks find the reason in `/run/scree/failed`.
 */
export function renderGuard(log: string, step: string): string {
  return `scree_log=${log}
scree_step=${shellWord(encodeURIComponent(step))}
scree_end() {
  scree_code=$?
  trap - EXIT
  if [ "$scree_code" != 0 ]; then
    scree_failure "$scree_step:%20exit%20code%20$scree_code" "$scree_log"
    [ ! -d /run/scree ] ||
      echo "$scree_step: exit code $scree_code" | sed 's/%20/ /g' >/run/scree/failed
  fi
  exit "$scree_code"
}
trap scree_end EXIT
set -e
`;
}
