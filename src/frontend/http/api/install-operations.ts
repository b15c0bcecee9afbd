import * as v from 'valibot';
import { nodeNamed } from '../../nodes/stories.ts';
import type { MachineNode } from '../../nodes/types.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { installLogSchema, installSchema } from './schemas.ts';

const tag = 'installs';

/** Which machines are on their way to a new system, and which have failed. */
export function installOperations({ nodes }: ApiDeps): readonly Operation[] {
  const { store, logs } = nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/installs', id: 'listInstalls', tag, scope: 'read' },
      summary: 'Nodes that are to be installed, are being installed, or have failed',
      answer: v.object({ installs: v.array(installSchema) }),
      run: () => {
        store.refresh();
        const withLog = logs.failed();
        return { installs: store.all().flatMap((node) => installOf(node, withLog)) };
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}/install-log', id: 'showInstallLog', tag },
      scope: 'read',
      summary: "The end of the installer's log, of a node whose latest install has failed",
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

function installOf(node: MachineNode, withLog: ReadonlyMap<string, number>) {
  const { name, bootState, bootReason = null, stateAtMs, installNumber } = node;
  if (bootState === 'os') return [];
  const hasLog = withLog.get(name) === installNumber;
  return [{ node: name, bootState, bootReason, stateAtMs, installNumber, hasLog }];
}
