import * as v from 'valibot';
import { NodesError } from './errors.ts';
import type { Stranger } from './event-log.ts';
import type { StoredEvent } from './event-rows.ts';
import type { MachineNode } from './types.ts';

/** The JSON forms of nodes: of the API, of `--json`, and between the two. */

const text = v.string();
const number = v.number();
const texts = v.array(text);

const optionItem = v.union([v.pipe(text, v.maxLength(4096)), number]);
const optionValue = v.union([optionItem, v.pipe(v.array(optionItem), v.readonly())]);

/** Null stands for what is not set. */
export const nodeSchema = v.object({
  name: text,
  macs: texts,
  uuid: v.nullable(text),
  address: v.nullable(text),
  role: text,
  rack: v.nullable(number),
  rank: v.nullable(number),
  clientClasses: v.nullable(texts),
  dhcpOptions: v.record(text, optionValue),
  bootAction: text,
  bootState: v.picklist(['os', 'install', 'booting', 'installing', 'failed']),
  bootReason: v.nullable(text),
  stateAtMs: number,
  installNumber: number,
});

const settings = {
  uuid: v.optional(v.nullable(text)),
  address: v.optional(v.nullable(text)),
  role: v.optional(text),
  rack: v.optional(v.nullable(number)),
  rank: v.optional(v.nullable(number)),
  clientClasses: v.optional(v.nullable(texts)),
  dhcpOptions: v.optional(v.nullable(v.record(text, v.nullable(optionValue)))),
};

/** What is left out stays as it is; null unsets. */
export const nodePatchSchema = v.strictObject({ macs: v.optional(texts), ...settings });
export const newNodeSchema = v.strictObject({ name: text, macs: texts, ...settings });
export const selectionSchema = v.strictObject({ selection: texts });
export const bootOrderSchema = v.strictObject({ selection: texts, action: text });
export const undoOrderSchema = v.strictObject({
  selection: texts,
  orderedAtMs: v.optional(
    v.pipe(number, v.description('Only what was ordered then; see the stream of installs.')),
  ),
});
export const changeOrderSchema = v.strictObject({ selection: texts, patch: nodePatchSchema });

/** What is not known is left out. */
export const eventSchema = v.object({
  id: number,
  atMs: number,
  machine: text,
  mac: v.exactOptional(text),
  event: text,
  text: text,
  reason: v.exactOptional(text),
  path: v.exactOptional(text),
  sizeBytes: v.exactOptional(number),
  elapsedMs: v.exactOptional(number),
});

export const strangerSchema = v.object({ mac: text, eventCount: number, last: eventSchema });

export const strangersAnswerSchema = v.object({ strangers: v.array(strangerSchema) });
export const eventsAnswerSchema = v.object({ events: v.array(eventSchema) });
export const nodeAnswerSchema = v.object({ node: nodeSchema });
export const nodesAnswerSchema = v.object({ nodes: v.array(nodeSchema) });

export type StrangerDocument = v.InferOutput<typeof strangerSchema>;
export type EventDocument = v.InferOutput<typeof eventSchema>;
export type NodeDocument = v.InferOutput<typeof nodeSchema>;
export type NodePatch = v.InferOutput<typeof nodePatchSchema>;
export type NewNode = v.InferOutput<typeof newNodeSchema>;

export function documentOf({ undo: _, ...node }: MachineNode): NodeDocument {
  return {
    ...node,
    macs: [...node.macs],
    uuid: node.uuid ?? null,
    address: node.address ?? null,
    rack: node.rack ?? null,
    rank: node.rank ?? null,
    clientClasses: node.clientClasses === undefined ? null : [...node.clientClasses],
    dhcpOptions: { ...node.dhcpOptions },
    bootReason: node.bootReason ?? null,
  };
}

export function nodeOf(document: NodeDocument): MachineNode {
  return {
    ...document,
    uuid: document.uuid ?? undefined,
    address: document.address ?? undefined,
    rack: document.rack ?? undefined,
    rank: document.rank ?? undefined,
    clientClasses: document.clientClasses ?? undefined,
    bootReason: document.bootReason ?? undefined,
  };
}

export function eventDocumentOf(event: StoredEvent): EventDocument {
  const { id, atMs, machine, mac, text, reason, path, sizeBytes, elapsedMs } = event;
  return {
    id,
    atMs,
    machine,
    ...(mac === undefined ? {} : { mac }),
    event: event.event,
    text,
    ...(reason === undefined ? {} : { reason }),
    ...(path === undefined ? {} : { path }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
  };
}

export function strangerDocumentOf({ mac, eventCount, last }: Stranger): StrangerDocument {
  return { mac, eventCount, last: eventDocumentOf(last) };
}

/** Checks what came from outside. Throws NodesError with the code, naming the first problem. */
export function readDocument<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  code: 'bad-request' | 'no-answer' = 'bad-request',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [{ path, expected, received }] = result.issues;
  const where = (path ?? []).map((item) => String(item.key)).join('.');
  const what = expected === 'never' ? 'no such key' : (expected ?? 'another value');
  throw new NodesError(code, `${where || 'body'}: expected ${what}, got ${received}`);
}
