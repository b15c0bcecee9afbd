import * as v from 'valibot';
import { attributeOperations } from './attribute-operations.ts';
import type { ApiDeps } from './deps.ts';
import { discoverOperations } from './discover-operations.ts';
import { eventOperations } from './event-operations.ts';
import { followInstallsOperations } from './follow-installs.ts';
import { inspectOperations } from './inspect-operations.ts';
import { installOperations, showInstallOperations } from './install-operations.ts';
import { nodeOperations } from './node-operations.ts';
import { renderOpenApi } from './openapi.ts';
import { defineOperation, type Operation } from './operation.ts';
import { operatorOperations } from './operator-operations.ts';
import { profileOperations } from './profile-operations.ts';
import { runOperations } from './run-operations.ts';
import { treeOperations } from './tree-operations.ts';
import { watchInstallsOperations } from './watch-installs.ts';
import { watchServedOperations } from './watch-served.ts';

const anything = v.record(v.string(), v.unknown());

/** All that the API can do. Its routes and its document are both made from this. */
export function createOperations(deps: ApiDeps): readonly Operation[] {
  const operations: readonly Operation[] = [
    ...nodeOperations(deps),
    ...eventOperations(deps),
    ...installOperations(deps),
    ...followInstallsOperations(deps),
    ...watchInstallsOperations(deps),
    ...showInstallOperations(deps),
    ...discoverOperations(deps.discovery),
    ...treeOperations(deps),
    ...watchServedOperations(deps),
    ...attributeOperations(deps),
    ...profileOperations(deps),
    ...operatorOperations(deps),
    ...inspectOperations(deps),
    ...runOperations(deps),
    defineOperation({
      ...{ method: 'GET', path: '/openapi.json', id: 'describe', tag: 'api', scope: 'read' },
      summary: 'This document',
      answer: v.objectWithRest({ openapi: v.string(), paths: anything }, v.unknown()),
      run: () => document(),
    }),
  ];
  let rendered: ReturnType<typeof renderOpenApi> | undefined;
  const document = () => {
    rendered ??= renderOpenApi(operations);
    return rendered;
  };
  return operations;
}
