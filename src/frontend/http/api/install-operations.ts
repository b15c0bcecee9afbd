import * as v from 'valibot';
import { progressDocumentOf } from '../../installs/documents.ts';
import { nodeNamed } from '../../nodes/stories.ts';
import type { MachineNode } from '../../nodes/types.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { installLogSchema, installSchema, shownInstallSchema } from './schemas.ts';

const tag = 'installs';

/** Which machines are on their way to a new system, and which have failed. */
export function installOperations({ nodes, progress }: ApiDeps): readonly Operation[] {
  const { store, logs } = nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/installs', id: 'listInstalls', tag, scope: 'read' },
      summary: 'Nodes that are to be installed, are being installed, or have failed',
      answer: v.object({ installs: v.array(installSchema) }),
      run: () => {
        store.refresh();
        const withLog = logs.kept();
        const facts = (node: MachineNode) => factsOf(node, { progress, withLog });
        return { installs: store.all().flatMap((node) => installOf(node, facts(node))) };
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}/install-log', id: 'showInstallLog', tag },
      scope: 'read',
      summary: "The end of the installer's log, of a node's latest install",
      refusals: [404],
      answer: installLogSchema,
      run: ({ name }) => {
        store.refresh();
        const node = nodeNamed(store, name);
        return { node: node.name, installNumber: node.installNumber, text: logs.read(node) };
      },
    }),
  ];
}

/** One node's; after the operations whose paths a node could be called by. */
export function showInstallOperations({ nodes, progress }: ApiDeps): readonly Operation[] {
  const { store, logs } = nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/installs/{name}', id: 'showInstall', tag, scope: 'read' },
      summary: "A node's latest install, how far it is or how it has ended",
      refusals: [404],
      answer: shownInstallSchema,
      run: ({ name }) => {
        store.refresh();
        const node = nodeNamed(store, name);
        const facts = factsOf(node, { progress, withLog: logs.kept() });
        return { ...facts, bootState: node.bootState };
      },
    }),
  ];
}

function installOf({ bootState }: MachineNode, facts: ReturnType<typeof factsOf>) {
  return bootState === 'os' ? [] : [{ ...facts, bootState }];
}

type Known = Pick<ApiDeps, 'progress'> & { readonly withLog: ReadonlyMap<string, number> };

function factsOf(node: MachineNode, { progress, withLog }: Known) {
  const { name, bootReason = null, stateAtMs, installNumber } = node;
  const told = progress.of(node);
  return {
    ...{ node: name, bootReason, stateAtMs, installNumber },
    hasLog: withLog.get(name) === installNumber,
    progress: told === undefined ? null : progressDocumentOf(told),
  };
}
