import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';

export type JsonSchema = Readonly<Record<string, unknown>>;

export type JsonSchemas = {
  /** The named ones, for `components.schemas` of a document. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** Of any schema; what is named is referred to. */
  readonly of: (schema: v.GenericSchema) => JsonSchema;
};

/** JSON Schema (2020-12) of what valibot checks. Throws for what cannot be said in it. */
export function createJsonSchemas(
  definitions: Readonly<Record<string, v.GenericSchema>>,
): JsonSchemas {
  const config = {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['readonly'],
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  } satisfies ConversionConfig;
  return {
    components: Object.fromEntries(
      Object.entries(toJsonSchemaDefs(definitions, config)).map(([name, each]) => [
        name,
        bare(each),
      ]),
    ),
    of: (schema) => bare(toJsonSchema(schema, { ...config, definitions })),
  };
}

/** Without what belongs to the whole document. */
function bare(schema: object): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$defs'),
  );
}
