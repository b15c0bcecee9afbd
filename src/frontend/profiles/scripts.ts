import { renderCalls, renderGuard } from './calls.ts';
import type { Part, Sections } from './sections.ts';
import type { RenderContext, RenderedFile } from './types.ts';

/** Scripts that Debian's and Ubuntu's installers fetch by HTTP and run: at first, and at the end. */

const early = '/tmp/scree-early.log';
const late = `"\${SCREE_LOG:-/var/log/scree-late.log}"`;

/** `watch` goes on in the background, in the form of shell commands. */
export function renderEarlyScript(
  context: RenderContext,
  sections: Sections,
  { watch }: { readonly watch: string },
): RenderedFile {
  return shellScript([
    ...[
      '#!/bin/sh',
      renderCalls(context),
      renderGuard(early, 'early.sh'),
      'exec >>"$scree_log" 2>&1',
    ],
    ...sections.parts('pre.sh').map((part) => inSubshell(part, 'pre')),
    watch,
  ]);
}

/**
 * Runs in the installer; the new system is at $TARGET. Fragments' post.sh run inside of it, late.sh
 * beside it; then the success call.
 */
export function renderLateScript(context: RenderContext, sections: Sections): RenderedFile {
  return shellScript([
    ...['#!/bin/sh', renderCalls(context), renderGuard(late, 'late.sh')],
    'exec >>"$scree_log" 2>&1',
    inNewSystem,
    ...renderLastSteps(sections),
    // Where the agent's image is, the installer's last hook tells it until it is heard.
    'scree_step=success%20call\nscree_success || [ -x /opt/scree/say ]',
  ]);
}

/** Each fragment's post.sh inside of the new system, then its late.sh beside it. */
export function renderLastSteps(sections: Sections): readonly string[] {
  return sections.fragments.flatMap(({ name }) => [
    ...sections
      .parts('post.sh')
      .filter((part) => part.fragment === name)
      .map(inTarget),
    ...sections
      .parts('late.sh')
      .filter((part) => part.fragment === name)
      .map((part) => inSubshell(part, 'late')),
  ]);
}

/**
 * Where the new system is, and how to run something inside of it. `scree_post NAME` runs a script
 * there; what it says goes into this script's log: in-target would put it into the installer's, and
 * the failure call would not have it.
 */
export const inNewSystem = `TARGET="\${TARGET:-/target}"
export TARGET
in_new_system() {
  if command -v in-target >/dev/null 2>&1; then
    in-target "$@"
  elif command -v curtin >/dev/null 2>&1; then
    curtin in-target --target="$TARGET" -- "$@"
  else
    chroot "$TARGET" "$@"
  fi
}
scree_post() {
  scree_file="/root/scree-post-$1"
  scree_status=0
  in_new_system /bin/sh "$scree_file.sh" || scree_status=$?
  cat "$TARGET$scree_file.log" 2>/dev/null || :
  rm -f "$TARGET$scree_file.sh" "$TARGET$scree_file.log"
  return "$scree_status"
}`;

function inTarget({ fragment, text }: Part): string {
  const end = unusedLine(text);
  return `scree_step=post%20${encodeURIComponent(fragment)}
(umask 077 && cat >"$TARGET/root/scree-post-${fragment}.sh") <<'${end}'
exec >"\${0%.sh}.log" 2>&1
set -e
${text}
${end}
scree_post ${fragment}`;
}

export function inSubshell({ fragment, text }: Part, kind: 'pre' | 'late'): string {
  return `scree_step=${kind}%20${encodeURIComponent(fragment)}\n(\n${text}\n)`;
}

function unusedLine(text: string): string {
  let end = 'END_OF_SCRIPT';
  while (text.includes(end)) end += '_';
  return end;
}

export function shellScript(parts: readonly string[]): RenderedFile {
  const text = `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n')}\n`;
  return { contentType: 'text/plain; charset=utf-8', text };
}
