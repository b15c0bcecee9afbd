import { createJsonSchemas, type JsonSchema, type JsonSchemas } from './json-schema.ts';
import type { Operation } from './operation.ts';
import type { QueryParameter } from './query.ts';
import { apiRoot } from './root.ts';
import { namedSchemas, refusalSchema } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const description =
  'What operators do with the frontend. From the machine itself nothing else is needed; from ' +
  'elsewhere in the configured networks a token of `scree token create`, of the scope that each ' +
  'operation names: read, boot or admin. Null stands for what is not set.';

const anyRefusals = {
  '401': 'No token, or one that is wrong or has expired.',
  '403': 'The token is of too narrow a scope, or the address of no configured network.',
  '429': 'Too many wrong tokens from this address, or too many open event streams.',
  '500': 'The frontend failed; its log says at what.',
  '503': 'The frontend starts, or its database is busy.',
};
const otherRefusals = {
  400: 'Not of the form that is described here, or a value that cannot be.',
  404: 'No such thing.',
  409: 'It is there already.',
  413: 'The body is too long.',
  415: 'The body is not application/json.',
};

/** The OpenAPI 3.1 document of these operations. */
export function renderOpenApi(
  operations: readonly Operation[],
): Json & { readonly openapi: string; readonly paths: Readonly<Record<string, Json>> } {
  const schemas = createJsonSchemas(namedSchemas);
  const paths = Map.groupBy(operations, ({ path }) => `${apiRoot}${path}`);
  return {
    openapi: '3.1.0',
    info: { title: 'Scree', version: '1', description },
    security: [{ token: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, some]) => [
        path,
        Object.fromEntries(some.map((each) => [each.method.toLowerCase(), render(each, schemas)])),
      ]),
    ),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: schemas.components,
    },
  };
}

function render(operation: Operation, schemas: JsonSchemas): Json {
  const { id, tag, summary, scope, path, query, body, status = 200 } = operation;
  const parameters = [
    ...(path.includes('{name}') ? [{ ...inPath, schema: { type: 'string' } }] : []),
    ...Object.entries(query).map(([name, each]) => renderParameter(name, each)),
    // Who comes back can go on where it was.
    ...(Object.hasOwn(query, 'since') ? [lastEventId] : []),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: [{ token: [scope] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemas.of(body)) } }),
    responses: {
      [status]: { description: summary, content: contentOf(operation, schemas) },
      ...refusalsOf(operation, schemas),
    },
  };
}

const inPath = { name: 'name', in: 'path', required: true };
const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was got, when coming back.',
  schema: { type: 'string', pattern: '^\\d*$' },
};

function contentOf({ answer, streams, event }: Operation, schemas: JsonSchemas): Json {
  const events = {
    'text/event-stream': {
      schema: { type: 'string', description: 'Server-sent events, whose data is JSON.' },
      // What OpenAPI 3.2 will call itemSchema.
      'x-event-data': schemas.of(event ?? answer),
    },
  };
  if (streams === 'always') return events;
  return { ...json(schemas.of(answer)), ...(streams === undefined ? {} : events) };
}

function refusalsOf(operation: Operation, schemas: JsonSchemas): Json {
  const { query, body, refusals = [] } = operation;
  const takesWords = body !== undefined || Object.keys(query).length > 0;
  const forWords = takesWords ? ([400] as const) : [];
  const forBody = body === undefined ? [] : ([413, 415] as const);
  const own = [...forWords, ...refusals, ...forBody];
  const content = json(schemas.of(refusalSchema));
  const all = [
    ...own.map((status) => [String(status), otherRefusals[status]] as const),
    ...Object.entries(anyRefusals),
  ];
  return Object.fromEntries(all.map(([status, text]) => [status, { description: text, content }]));
}

function renderParameter(name: string, parameter: QueryParameter): Json {
  const { description: text } = parameter;
  return { name, in: 'query', required: false, description: text, ...formOf(parameter) };
}

function formOf({ kind, oneOf, minimum = 0, maximum }: QueryParameter): Json {
  switch (kind) {
    case 'text':
      return { schema: { type: 'string', ...(oneOf && { enum: oneOf }) } };
    case 'texts':
      return { schema: { type: 'array', items: { type: 'string' } }, style: 'form', explode: true };
    case 'number':
      return { schema: { type: 'integer', minimum, ...(maximum && { maximum }) } };
    case 'flag':
      return { schema: { type: 'boolean' }, allowEmptyValue: true };
  }
}

function json(schema: JsonSchema): Json {
  return { 'application/json': { schema } };
}
