import { badTemplate } from './pieces.ts';
import type { RenderInput } from './render-kickstart.ts';
import { renderEarlyScript, renderLateScript } from './scripts.ts';
import { shellWord } from './shell-word.ts';
import type { ProfileProblem, Rendered } from './types.ts';

// debian-installer has no hook for its own failures, but says them in its log.
const watchLog = `(
  while sleep 5; do
    scree_item=$(sed -n "s/.*main-menu.*Configuring '\\([^']*\\)' failed with.*/\\1/p" /var/log/syslog | tail -n 1)
    if [ -n "$scree_item" ]; then
      scree_failure "the%20installer's%20step%20$scree_item%20failed" /var/log/syslog
      exit 0
    fi
  done
) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- &`;

/**
 * Debian's answers; the scripts of the fragments are files that it fetches: `early.sh`, `late.sh`,
 * and `selections` for `dpkg --set-selections`.
 */
export function renderPreseed({ host, declared, context, sections }: RenderInput): Rendered {
  const answers = sections.parts('preseed');
  sections.problems.push(...answers.flatMap(ownCommands));
  const packages = sections.packages('packages');
  sections.problems.push(...foreignPackages(packages, declared.name));
  const selections = sections.packages('selections').map(selection).join('');
  const contentType = 'text/plain; charset=utf-8';
  const text = [
    `# ${host.node.name}: profile ${declared.name}`,
    ...answers.map(({ fragment, text }) => `# ${fragment}\n${text}`),
    ...(packages.length > 0 ? [`d-i pkgsel/include string ${packages.join(' ')}`] : []),
    `d-i preseed/early_command string ${fetchAndRun(context.urls.files, 'early.sh')}; else false; fi`,
    `d-i preseed/late_command string ${fetchAndRun(context.urls.files, 'late.sh')}; else ${noteUnfetched}; fi`,
  ].join('\n\n');
  return {
    output: 'preseed',
    contentType,
    text: `${text}\n`,
    files: new Map([
      ['early.sh', renderEarlyScript(context, sections, { watch: watchLog })],
      ['late.sh', renderLateScript(context, sections)],
      ['selections', { contentType, text: selections }],
    ]),
  };
}

/** A command that goes on with `else`. */
function fetchAndRun(filesUrl: string, name: string): string {
  const path = `/tmp/scree-${name}`;
  const fetchOnce = `wget -q -O ${path} ${shellWord(filesUrl + name)}`;
  const fetch = `for try in 1 2 3 4 5 6; do ${fetchOnce} && break; rm -f ${path}; sleep 5; done`;
  return `${fetch}; if [ -e ${path} ]; then sh ${path}`;
}

// The agent's last hook tells it, see renderGuard. Without an agent the installer asks somebody.
const noteUnfetched =
  '[ -d /run/scree ] && echo "late.sh could not be fetched from the frontend" >/run/scree/failed';

/** A line for `dpkg --set-selections`; `-name` is a package that has to go. */
export function selection(name: string): string {
  return name.startsWith('-') ? `${name.slice(1)} deinstall\n` : `${name} install\n`;
}

function ownCommands({
  place,
  text,
}: {
  readonly place: ProfileProblem['place'];
  readonly text: string;
}): readonly ProfileProblem[] {
  const found = /^\s*\S+\s+(preseed\/(?:early|late)_command|pkgsel\/include)\s/m.exec(text)?.[1];
  if (found === undefined || place === undefined) return [];
  const message = `expected no ${found}: it is made of the sections .pre.sh, .post.sh, .late.sh and .packages`;
  return [badTemplate(place, message)];
}

export function foreignPackages(
  packages: readonly string[],
  profile: string,
): readonly ProfileProblem[] {
  const wrong = packages.filter((name) => /^[-@^]/.test(name));
  return wrong.map((name) => {
    const message = `profile '${profile}': expected packages to install, got ${name}; groups and exclusions are of kickstarts`;
    return { code: 'bad-value', place: undefined, attribute: undefined, message };
  });
}
