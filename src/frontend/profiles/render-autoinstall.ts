import { writeYaml } from '../yaml-values.ts';
import { withReason } from './calls.ts';
import type { RenderInput } from './render-kickstart.ts';
import { renderEarlyScript, renderLateScript } from './scripts.ts';
import { shellWord } from './shell-word.ts';
import type { RenderContext, Rendered, RenderedFile } from './types.ts';
import { mergeUserData, type UserData } from './user-data.ts';

/**
 * Ubuntu's user-data, with the files that cloud-init's NoCloud source fetches beside it. The
 * scripts of the fragments are fetched by early-commands and late-commands.
 */
export function renderAutoinstall({ host, declared, context, sections }: RenderInput): Rendered {
  const own = sections.userData();
  const packages = sections.packages('packages');
  const frame: UserData = {
    autoinstall: {
      version: 1,
      ...(packages.length > 0 ? { packages } : {}),
      'early-commands': [fetchAndRun(context.urls.files, 'early.sh')],
      'late-commands': [fetchAndRun(context.urls.files, 'late.sh')],
      'error-commands': [['sh', '-c', failureCommand(context)]],
    },
  };
  const name = `${host.node.name}: profile ${declared.name}`;
  const text = `#cloud-config\n# ${name}\n${writeYaml(mergeUserData(own, frame))}`;
  const userData: RenderedFile = { contentType: 'text/cloud-config; charset=utf-8', text };
  const instance = `${host.node.name}-${context.token}`;
  const metaData = writeYaml({ 'instance-id': instance, 'local-hostname': host.node.name });
  const contentType = 'text/plain; charset=utf-8';
  return {
    output: 'autoinstall',
    ...userData,
    files: new Map([
      ['user-data', userData],
      ['meta-data', { contentType, text: metaData }],
      ['vendor-data', { contentType, text: '' }],
      ['early.sh', renderEarlyScript(context, sections, { watch: '' })],
      ['late.sh', renderLateScript(context, sections)],
    ]),
  };
}

function fetchAndRun(filesUrl: string, name: string): readonly string[] {
  const path = `/run/scree-${name}`;
  return [
    'sh',
    '-c',
    `curl -fsS --retry 10 -o ${path} ${shellWord(filesUrl + name)} && sh ${path}`,
  ];
}

function failureCommand({ urls }: RenderContext): string {
  const log = '/var/log/installer/subiquity-server-debug.log';
  const url = withReason(urls.failure);
  return (
    `tail -n 60 ${log} | tail -c 8000 | curl -sS -m 60 -o /dev/null ` +
    `-H 'Content-Type: text/plain' --data-binary @- ${shellWord(`${url}installer%20failed`)}`
  );
}
