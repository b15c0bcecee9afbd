import * as v from 'valibot';
import { type AttributeTarget, planSet, scopesOfTarget } from '../../attributes/change.ts';
import { expectDeclared } from '../../attributes/check-declared.ts';
import { documentsOf, resolvedDocumentOf } from '../../attributes/documents.ts';
import { AttributeError } from '../../attributes/errors.ts';
import { scopeKey, scopeKinds } from '../../attributes/layers.ts';
import { createResolver } from '../../attributes/resolver.ts';
import { knownSecrets } from '../../attributes/secrets.ts';
import type { AttributeChange } from '../../attributes/store.ts';
import { nodeNamed } from '../../nodes/stories.ts';
import { usableProfiles } from '../../profiles/declared-or-none.ts';
import { serverOf } from '../server-of.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { attributeOrderSchema, attributeSchema, resolvedSchema } from './schemas.ts';

const tag = 'attributes';
const setSchema = v.object({
  written: v.number(),
  removed: v.number(),
  warnings: v.pipe(
    v.array(v.string()),
    v.description('What most likely was meant otherwise, in a line each.'),
  ),
});

/** What install scripts are made from. No secret is told. */
export function attributeOperations(deps: ApiDeps): readonly Operation[] {
  const { store, attributes, audit } = deps.nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/attributes', id: 'listAttributes', tag, scope: 'read' },
      summary: 'All attributes, or those of a scope',
      query: {
        scope: { kind: 'text', description: 'For whom they hold.', oneOf: scopeKinds },
        target: { kind: 'text', description: 'The operating system, role, rack or node.' },
      },
      refusals: [404],
      answer: v.object({ attributes: v.array(attributeSchema) }),
      run: ({ query: { scope, target } }) => {
        const layers = attributes.layers();
        const secrets = knownSecrets(layers, deps.profiles);
        if (scope === undefined) return { attributes: documentsOf(layers, secrets) };
        const scopes = scopesOfTarget(store, targetOf({ scope, target }));
        const keys = new Set(scopes.map(scopeKey));
        return {
          attributes: documentsOf(layers, secrets, (each) => keys.has(scopeKey(each.scope))),
        };
      },
    }),
    defineOperation({
      ...{ method: 'PUT', path: '/attributes', id: 'setAttributes', tag, scope: 'admin' },
      summary: 'Sets attributes of a scope, or takes them away; all of it or nothing',
      body: attributeOrderSchema,
      refusals: [404],
      answer: setSchema,
      run: ({ body, operator }) => {
        const { changes, warnings } = planChanges(deps, body);
        audit.as(operator, () => attributes.change(changes));
        const removed = changes.filter(({ value }) => value === undefined).length;
        return { written: changes.length - removed, removed, warnings };
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}/attributes', id: 'resolveNode', tag, scope: 'read' },
      summary: 'Every attribute that holds for a node, and where it comes from',
      refusals: [404],
      answer: resolvedSchema,
      run: ({ name, exchange }) => {
        store.refresh();
        const frontend = serverOf(exchange.request).server;
        const layers = attributes.layers();
        const resolve = createResolver({ layers, profiles: deps.profiles, frontend });
        return resolvedDocumentOf(resolve(nodeNamed(store, name)));
      },
    }),
  ];
}

type Order = v.InferOutput<typeof attributeOrderSchema>;

type Planned = {
  readonly changes: readonly AttributeChange[];
  readonly warnings: readonly string[];
};

/** Those that say which profile a node gets. */
export function profileAttributesOf({ nodes, profiles }: Pick<ApiDeps, 'nodes' | 'profiles'>) {
  const layers = nodes.attributes.layers();
  return documentsOf(layers, knownSecrets(layers, profiles), ({ name }) => name === 'profile');
}

function planChanges({ nodes: { store, attributes }, profiles }: ApiDeps, order: Order): Planned {
  store.refresh();
  const target = targetOf(order);
  const layers = attributes.layers();
  const secrets = knownSecrets(layers, profiles);
  const input = { nodes: store, layers, secrets };
  const entries = Object.entries(order.values).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value, isSeen: false }],
  );
  const gone = Object.keys(order.values).filter((name) => order.values[name] === null);
  const scopes = scopesOfTarget(store, target);
  const changes = [
    ...planSet(input, target, { entries, isSecret: order.secret ?? false }),
    // What is not set there is as it is to be.
    ...scopes.flatMap((scope) =>
      gone
        .filter((name) => layers.of(scope).has(name))
        .map((name) => ({ scope, name, value: undefined })),
    ),
  ];
  const declared = usableProfiles(profiles);
  const warnings = expectDeclared(changes, {
    nodes: store.all(),
    layers,
    profiles: declared,
    secrets,
  });
  return { changes, warnings };
}

/** Throws AttributeError `bad-scope`. */
function targetOf(given: {
  readonly scope: string;
  readonly target?: string | undefined;
  readonly selection?: readonly string[] | undefined;
}): AttributeTarget {
  const kind = scopeKinds.find((each) => each === given.scope) ?? 'global';
  const { target, selection } = given;
  if (kind === 'global' && target === undefined && selection === undefined) return { kind };
  if (kind === 'node' && selection !== undefined && target === undefined) {
    return { kind, selection };
  }
  if (kind === 'global' || target === undefined || selection !== undefined) {
    const expected = kind === 'node' ? 'either a target or a selection' : 'a target';
    const message =
      kind === 'global' ? 'expected no target of the scope global' : `expected ${expected}`;
    throw new AttributeError('bad-scope', `${message}, for the scope ${kind}`);
  }
  return kind === 'node' ? { kind, selection: [target] } : { kind, target };
}
