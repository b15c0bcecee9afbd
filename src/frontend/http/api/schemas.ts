import * as v from 'valibot';
import { progressSchema } from '../../installs/documents.ts';
import {
  eventSchema,
  newNodeSchema,
  nodePatchSchema,
  nodeSchema,
  strangerSchema,
} from '../../nodes/documents.ts';
import { operatorScopes } from '../../operators/scopes.ts';

/** What the API tells and takes, beside the documents of nodes. Null stands for what is not set. */
const text = v.string();
const number = v.number();
const atMs = v.pipe(number, v.description('Milliseconds since 1970.'));
const scope = v.picklist(operatorScopes);

export const refusalSchema = v.object({
  error: v.pipe(text, v.description('One line: what was expected, what came, what to do.')),
  code: v.optional(text),
});

const kernelSchema = v.object({
  name: text,
  kind: v.literal('kernel'),
  kernel: text,
  initrds: v.array(text),
  args: text,
  installs: v.boolean(),
});
export const bootActionSchema = v.variant('kind', [
  kernelSchema,
  v.object({ name: text, kind: v.literal('local') }),
]);

export const brokenTreeSchema = v.object({ tree: text, generation: number, reason: text });
export const treeSchema = v.object({
  name: text,
  generation: number,
  infohash: text,
  totalSize: number,
  fileCount: number,
  createdAt: text,
  changedFiles: v.array(text),
});

export const attributeValueSchema = v.union([text, number, v.boolean(), v.array(text)]);
const attributeScopeSchema = v.picklist(['global', 'os', 'role', 'rack', 'node']);
export const attributeSchema = v.object({
  scope: attributeScopeSchema,
  target: v.nullable(text),
  name: text,
  value: attributeValueSchema,
  isSecret: v.boolean(),
});
export const attributeOrderSchema = v.strictObject({
  scope: attributeScopeSchema,
  target: v.optional(v.pipe(text, v.description('The operating system, role, rack or node.'))),
  selection: v.optional(
    v.pipe(v.array(text), v.description('Of the scope node, in the place of target.')),
  ),
  values: v.pipe(
    v.record(text, v.nullable(attributeValueSchema)),
    v.description('By name; null takes one away.'),
  ),
  secret: v.optional(v.boolean()),
});

const originKinds = ['built-in', 'profile', 'global', 'os', 'role', 'rack', 'node'] as const;
export const resolvedSchema = v.object({
  node: text,
  profile: text,
  os: v.nullable(text),
  attributes: v.array(
    v.object({
      name: text,
      value: attributeValueSchema,
      isSecret: v.boolean(),
      origin: v.object({ kind: v.picklist(originKinds), target: v.nullable(text) }),
    }),
  ),
});

export const profileSchema = v.object({
  name: text,
  output: v.nullable(v.picklist(['kickstart', 'preseed', 'autoinstall', 'script'])),
  os: v.nullable(text),
  tree: v.nullable(text),
  description: text,
  attributes: v.array(
    v.object({
      name: text,
      type: v.picklist(['text', 'number', 'yes-no', 'list']),
      default: v.nullable(attributeValueSchema),
      isRequired: v.boolean(),
      isSecret: v.boolean(),
      description: text,
      oneOf: v.nullable(v.array(attributeValueSchema)),
      by: text,
    }),
  ),
  problems: v.array(text),
});

export const installSchema = v.object({
  node: text,
  bootState: v.picklist(['install', 'booting', 'installing', 'failed']),
  bootReason: v.nullable(text),
  stateAtMs: atMs,
  installNumber: number,
  hasLog: v.boolean(),
  progress: v.nullable(progressSchema),
});
/** Of one that has ended well, too. */
export const shownInstallSchema = v.object({
  ...installSchema.entries,
  bootState: v.picklist(['os', 'install', 'booting', 'installing', 'failed']),
});
export const installLogSchema = v.object({
  node: text,
  installNumber: number,
  text: v.pipe(text, v.description('The last lines of what its installer wrote.')),
});

export const tokenSchema = v.object({
  name: text,
  scope,
  createdAtMs: atMs,
  expiresAtMs: v.nullable(atMs),
  lastUsedAtMs: v.nullable(atMs),
});
export const newTokenSchema = v.strictObject({
  name: text,
  scope: v.optional(scope, 'read'),
  expiresInSeconds: v.optional(number),
});

export const auditEntrySchema = v.object({
  id: number,
  atMs,
  who: text,
  address: v.nullable(text),
  action: text,
  targets: v.array(text),
  detail: v.record(text, v.unknown()),
});

/** Those that the document names. */
export const namedSchemas = {
  Node: nodeSchema,
  NewNode: newNodeSchema,
  NodePatch: nodePatchSchema,
  Event: eventSchema,
  Stranger: strangerSchema,
  BootAction: bootActionSchema,
  Tree: treeSchema,
  BrokenTree: brokenTreeSchema,
  Attribute: attributeSchema,
  AttributeOrder: attributeOrderSchema,
  ResolvedNode: resolvedSchema,
  Profile: profileSchema,
  Install: installSchema,
  InstallLog: installLogSchema,
  InstallProgress: progressSchema,
  Token: tokenSchema,
  NewToken: newTokenSchema,
  AuditEntry: auditEntrySchema,
  Refusal: refusalSchema,
} as const;
