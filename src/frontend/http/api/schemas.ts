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
import { runSchema, runSummarySchema } from '../../runs/documents.ts';

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
export const treesSchema = v.object({
  trees: v.array(treeSchema),
  broken: v.array(brokenTreeSchema),
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

const scriptOutputs = ['kickstart', 'preseed', 'autoinstall', 'script'] as const;
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
  output: v.nullable(v.picklist(scriptOutputs)),
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

export const operatorSchema = v.object({
  who: v.pipe(text, v.description('`local`, or `token:` and its name.')),
  scope,
});

export const scriptSchema = v.object({
  node: text,
  output: v.picklist(scriptOutputs),
  contentType: text,
  text,
  files: v.array(v.object({ name: text, text })),
  isMasked: v.pipe(
    v.boolean(),
    v.description('Secrets and the token of its install are left out.'),
  ),
});

const fileSize = v.nullable(number);
export const bootFilesSchema = v.object({
  kind: v.picklist(['local', 'kernel', 'wait']),
  args: v.pipe(v.nullable(text), v.description("With TOKEN in the place of the install's token.")),
  warning: v.nullable(text),
  files: v.array(
    v.object({
      name: text,
      foundAt: v.nullable(text),
      sizeBytes: fileSize,
      reason: v.nullable(text),
    }),
  ),
  links: v.array(
    v.object({
      name: text,
      target: v.nullable(text),
      kind: v.picklist(['file', 'folder', 'nothing']),
      path: v.nullable(text),
      sizeBytes: fileSize,
      reason: v.nullable(text),
    }),
  ),
});

export const imageSchema = v.object({
  version: text,
  architecture: text,
  frontend: v.nullable(text),
  keyId: text,
  compression: text,
  sizeBytes: number,
  unpackedBytes: number,
  sha256: text,
  isThere: v.pipe(v.boolean(), v.description('False: the file is gone, or of another size.')),
});

export const servedSchema = v.object({
  trees: v.exactOptional(treesSchema),
  profiles: v.exactOptional(v.array(profileSchema)),
  profileAttributes: v.exactOptional(
    v.pipe(v.array(attributeSchema), v.description('Those that say which profile a node gets.')),
  ),
  images: v.exactOptional(v.array(imageSchema)),
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
  Script: scriptSchema,
  BootFiles: bootFilesSchema,
  Image: imageSchema,
  Run: runSchema,
  RunSummary: runSummarySchema,
  Token: tokenSchema,
  NewToken: newTokenSchema,
  AuditEntry: auditEntrySchema,
  Refusal: refusalSchema,
} as const;
