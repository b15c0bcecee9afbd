import * as v from 'valibot';
import type { BootInspection } from '../../boot/inspect-boot.ts';
import { nodeNamed } from '../../nodes/stories.ts';
import { serverOf } from '../server-of.ts';
import type { ApiDeps } from './deps.ts';
import { type ApiCall, defineOperation, type Operation } from './operation.ts';
import { bootFilesSchema, imageSchema, operatorSchema, scriptSchema } from './schemas.ts';

const architecture = {
  kind: 'text',
  description: 'As an installer says it, such as x86_64.',
} as const;
const text = {
  tag: 'nodes',
  query: { architecture },
  refusals: [404],
  answer: scriptSchema,
} as const;

/** What machines would be sent now, and who is asking: looking at it changes nothing. */
export function inspectOperations(deps: ApiDeps): readonly Operation[] {
  const { store } = deps.nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/operator', id: 'showOperator', tag: 'operators', scope: 'read' },
      summary: 'Who is asking, and what they may do',
      answer: operatorSchema,
      run: ({ operator: { who, scope } }) => ({ who, scope }),
    }),
    defineOperation({
      ...{ ...text, method: 'GET', path: '/nodes/{name}/script', id: 'showScript', scope: 'read' },
      summary: "A node's install script as it is now, without its secrets and its install's token",
      run: (call) => {
        const node = nodeOf(deps, call.name);
        const { files, ...script } = render(deps, call);
        const hide = (content: string) => deps.hideSecrets(node, content);
        return {
          ...{ ...script, text: hide(script.text), isMasked: true },
          files: files.map(({ name, text: content }) => ({ name, text: hide(content) })),
        };
      },
    }),
    defineOperation({
      ...{ ...text, method: 'POST', path: '/nodes/{name}/script', id: 'showExactScript' },
      scope: 'admin',
      summary:
        'The same with everything in it, byte for byte what the node would be sent; that it was ' +
        'looked at is written down',
      run: (call) => {
        const script = render(deps, call);
        const entry = { by: call.operator, action: 'node script', targets: [script.node] };
        deps.nodes.audit.record({ ...entry, detail: { secrets: 'shown' } });
        return { ...script, isMasked: false };
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}/boot-files', id: 'showBootFiles', tag: 'nodes' },
      scope: 'read',
      summary: 'What a node would boot now, the files of that, and what stands in its own root',
      refusals: [404],
      answer: bootFilesSchema,
      run: async ({ name, exchange }) => {
        store.refresh();
        const { server } = serverOf(exchange.request);
        return bootFilesOf(await deps.inspectBoot(nodeNamed(store, name), { server }));
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/images', id: 'listImages', tag: 'images', scope: 'read' },
      summary: "The agent's ramdisk images that were built here",
      answer: v.object({ images: v.array(imageSchema) }),
      run: async () => ({ images: await imagesOf(deps) }),
    }),
  ];
}

export async function imagesOf({ images }: Pick<ApiDeps, 'images'>) {
  return (await images()).map(({ facts, sizeBytes }) => {
    return { ...facts, isThere: sizeBytes === facts.sizeBytes };
  });
}

function nodeOf({ nodes: { store } }: ApiDeps, name: string) {
  store.refresh();
  return nodeNamed(store, name);
}

type ScriptCall = ApiCall<{ readonly architecture: string | undefined }, unknown>;

function render(deps: ApiDeps, { name, query, exchange }: ScriptCall) {
  const node = nodeOf(deps, name);
  const { server } = serverOf(exchange.request);
  const rendered = deps.renderScript(node, { server, architecture: query.architecture });
  const { output, contentType } = rendered;
  const files = [...rendered.files].map(([file, { text: content }]) => {
    return { name: file, text: content };
  });
  return { node: node.name, output, contentType, text: rendered.text, files };
}

function bootFilesOf({ kind, args, warning, files, links }: BootInspection) {
  return {
    ...{ kind, args: args ?? null, warning: warning ?? null },
    files: files.map(({ name, foundAt, sizeBytes, reason }) => ({
      ...{ name, foundAt: foundAt ?? null },
      ...{ sizeBytes: sizeBytes ?? null, reason: reason ?? null },
    })),
    links: links.map(({ name, target, leadsTo }) => ({
      ...{ name, target: target ?? null, kind: leadsTo.kind },
      path: leadsTo.kind === 'nothing' ? null : leadsTo.path,
      sizeBytes: leadsTo.kind === 'file' ? leadsTo.sizeBytes : null,
      reason: leadsTo.kind === 'nothing' ? leadsTo.reason : null,
    })),
  };
}
