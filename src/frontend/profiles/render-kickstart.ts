import type { ResolvedHost } from '../attributes/types.ts';
import { renderCurlCalls, renderGuard } from './calls.ts';
import { badTemplate } from './pieces.ts';
import type { Part, Sections } from './sections.ts';
import type { DeclaredProfile, ProfileProblem, RenderContext, Rendered } from './types.ts';

export type RenderInput = {
  readonly host: ResolvedHost;
  readonly declared: DeclaredProfile;
  readonly context: RenderContext;
  readonly sections: Sections;
};

const sysimage = '/mnt/sysimage';

/**
 * One kickstart for RHEL 9 and its kin: the commands of all fragments, their packages, their
 * scripts; the success call as the last script of all, the failure call wherever something breaks.
 */
export function renderKickstart({ host, declared, context, sections }: RenderInput): Rendered {
  const calls = renderCurlCalls(context);
  const commands = sections.parts('ks').map(({ fragment, text }) => `# ${fragment}\n${text}`);
  const packages = sections.packages('packages');
  const pre = sections.parts('pre.sh').map((part) => {
    const log = `/tmp/scree-pre-${part.fragment}.log`;
    return script(`%pre --erroronfail --log=${log}`, [
      calls,
      renderGuard(log, `pre ${part.fragment}`),
      part.text,
    ]);
  });
  const post = [
    ...sections.parts('post.sh').map((part) => inTheSystem(part, calls)),
    ...sections.parts('late.sh').map((part) => besideTheSystem(part, calls)),
  ];
  for (const name of ['pre.sh', 'post.sh', 'late.sh'] as const) {
    sections.problems.push(...sections.parts(name).flatMap(sectionsInside));
  }
  const text = [
    `# ${host.node.name}: profile ${declared.name}`,
    ...commands,
    `%packages\n${packages.join('\n')}${packages.length > 0 ? '\n' : ''}%end`,
    ...pre,
    diskMounted,
    ...post,
    onError(calls),
    lastPost(calls),
  ].join('\n\n');
  return {
    output: 'kickstart',
    contentType: 'text/plain; charset=utf-8',
    text: `${text}\n`,
    files: new Map(),
  };
}

function inTheSystem({ fragment, text }: Part, calls: string): string {
  const log = `/root/scree-post-${fragment}.log`;
  const guard = renderGuard(log, `post ${fragment}`);
  return script(`%post --erroronfail --log=${log}`, [calls, guard, text]);
}

function besideTheSystem({ fragment, text }: Part, calls: string): string {
  const log = `${sysimage}/root/scree-late-${fragment}.log`;
  const guard = renderGuard(log, `late ${fragment}`);
  return script(`%post --nochroot --erroronfail --log=${log}`, [
    calls,
    guard,
    `TARGET=${sysimage}`,
    text,
  ]);
}

function lastPost(calls: string): string {
  const log = `${sysimage}/root/scree-success.log`;
  const guard = renderGuard(log, 'success call');
  return script(`%post --nochroot --erroronfail --log=${log}`, [
    calls,
    guard,
    // The agent tells it on where that was in vain.
    `scree_success || [ -x ${say} ]`,
    tellAgentOfEnd,
  ]);
}

const say = '/run/scree/say';
const store = `${sysimage}/.scree`;

/** For the agent, where it came with the ramdisk. */
const diskMounted = `%pre-install
if [ -x ${say} ]; then
  ${say} phase partitioned
  ${say} store ${store}
  ${say} phase packages
fi
%end`;

/** Returns when the rack no longer needs this machine; the frontend knows already. */
const tellAgentOfEnd = `if [ -x ${say} ]; then
  ${say} end success '' /tmp/anaconda.log || :
  systemctl stop scree-agent || :
  rm -rf ${store} || :
fi`;

function onError(calls: string): string {
  const logs = 'anaconda.log packaging.log storage.log program.log';
  return script('%onerror', [
    calls,
    `cd /tmp\ntail -n 15 ${logs} >/tmp/scree-logs.txt 2>/dev/null || :`,
    'scree_failure installer%20failed /tmp/scree-logs.txt',
  ]);
}

function script(head: string, parts: readonly string[]): string {
  return `${head}\n${parts.map((part) => part.trimEnd()).join('\n')}\n%end`;
}

const sectionStart =
  /^%(?:end|include|ksappend|pre|pre-install|post|onerror|error|traceback|packages|addon|anaconda)\b/m;

function sectionsInside({ place, text }: Part): readonly ProfileProblem[] {
  const lineOf = (index: number) => text.slice(0, index).split('\n').length;
  const control = text.search(/[^\P{Cc}\n\t]/u);
  if (control !== -1) {
    const message = 'expected no control characters but line ends and tabs: a kickstart is text';
    const at = { ...place, line: lineOf(control) };
    return [{ code: 'bad-value', place: at, attribute: undefined, message }];
  }
  const found = sectionStart.exec(text);
  if (found === null) return [];
  const message = `expected no line that begins with ${found[0]}: there a kickstart's section ends`;
  return [badTemplate({ ...place, line: lineOf(found.index) }, message)];
}
