import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../runtime/database.ts';
import type { ListenAddress } from '../../runtime/listen-address.ts';
import { createAuditTrail } from '../audit/trail.ts';
import { indexOf, type Nodes } from '../nodes/node-index.ts';
import { readNodes } from '../nodes/node-rows.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { selectSome } from '../nodes/selection.ts';
import { localOperator } from '../operators/local-operator.ts';
import { usableProfiles } from '../profiles/declared-or-none.ts';
import { createProfiles, shippedProfiles } from '../profiles/main.ts';
import { shownFrontend } from '../shown-frontend.ts';
import {
  type AttributeTarget,
  type ChangeInput,
  planSet,
  planUnset,
  type SetOrder,
  scopesOfTarget,
} from './change.ts';
import { expectDeclared } from './check-declared.ts';
import {
  type AttributeDocument,
  documentsOf,
  type ResolvedDocument,
  resolvedDocumentOf,
} from './documents.ts';
import { renderHostXml } from './host-xml.ts';
import { scopeKey } from './layers.ts';
import { createResolver } from './resolver.ts';
import { knownSecrets } from './secrets.ts';
import { type AttributeChange, readAttributes, writeAttributes } from './store.ts';
import type { AttributeValue, ResolvedHost } from './types.ts';
import { formatAttributeValue, parseAttributeValue } from './words.ts';

export type AttributesConfig = {
  readonly state: string;
  /** Where profiles are looked for before those that come with the program. */
  readonly profileFolders?: readonly string[];
  /** Where the frontend's HTTP server listens. */
  readonly httpListen: ListenAddress;
};

export type SetReport = {
  /** How many values were set. */
  readonly written: number;
  /** What most likely was meant otherwise, in a line each. */
  readonly warnings: readonly string[];
};

/**
 * What can be done with the attributes of a state folder, whether its frontend runs or not. All of
 * it throws AttributeError, NodesError or DatabaseError.
 */
export type AttributesOfState = {
  /** Those of one scope, of the nodes that are selected, or all. No secret is in it. */
  readonly list: (target: AttributeTarget | undefined) => readonly AttributeDocument[];
  /** All of it or nothing. */
  readonly set: (target: AttributeTarget, order: SetOrder) => SetReport;
  readonly unset: (target: AttributeTarget, names: readonly string[]) => number;
  /** The selected nodes with all that is known of them, secrets too. */
  readonly resolve: (selection: readonly string[]) => readonly ResolvedHost[];
  /** A resolved node in JSON, and nodes as XML. No secret is in them. */
  readonly document: (host: ResolvedHost) => ResolvedDocument;
  readonly xml: (hosts: readonly ResolvedHost[]) => string;
  /** What a word of the command line means. */
  readonly parseValue: (text: string) => AttributeValue;
  readonly formatValue: (value: AttributeValue) => string;
};

export function createAttributes(config: AttributesConfig): AttributesOfState {
  const { state } = config;
  const frontend = shownFrontend(config.httpListen);
  const own = config.profileFolders ?? [join(state, 'profiles')];
  const profiles = createProfiles({ folders: [...own, shippedProfiles] });
  const change = (plan: (input: ChangeInput) => readonly AttributeChange[]) =>
    using(databasePath(state), (database) =>
      database.transaction(() => {
        const layers = readAttributes(database);
        const secrets = knownSecrets(layers, profiles);
        const nodes = nodesIn(database);
        const changes = plan({ nodes, layers, secrets });
        const declared = usableProfiles(profiles);
        const input = { nodes: nodes.all(), layers, profiles: declared, secrets };
        const warnings = expectDeclared(changes, input);
        writeAttributes(database, changes);
        const audit = createAuditTrail({ database, usual: localOperator() });
        audit.attributesChanged(database, changes);
        return { written: changes.length, warnings };
      }),
    );
  return {
    list: (target) =>
      reading(state, (database) => {
        const layers = readAttributes(database);
        const secrets = knownSecrets(layers, profiles);
        if (target === undefined) return documentsOf(layers, secrets);
        const keys = new Set(scopesOfTarget(nodesIn(database), target).map(scopeKey));
        return documentsOf(layers, secrets, ({ scope }) => keys.has(scopeKey(scope)));
      }),
    set: (target, order) => change((input) => planSet(input, target, order)),
    unset: (target, names) => change((input) => planUnset(input, target, names)).written,
    resolve: (selection) =>
      reading(state, (database) => {
        const layers = readAttributes(database);
        const chosen = selectSome(nodesIn(database), selection);
        return chosen.map(createResolver({ layers, profiles, frontend }));
      }),
    document: resolvedDocumentOf,
    xml: renderHostXml,
    parseValue: parseAttributeValue,
    formatValue: formatAttributeValue,
  };
}

/** All of it from one state of the database. */
function reading<Result>(state: string, work: (database: Database) => Result): Result {
  const path = databasePath(state);
  // To look is no reason to make a state folder.
  return using(existsSync(path) ? path : ':memory:', (database) =>
    database.transaction(() => work(database)),
  );
}

function using<Result>(path: string, work: (database: Database) => Result): Result {
  const database = openDatabase({ path, migrations, isDurable: true, waitMs: 2_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function nodesIn(database: Database): Nodes {
  return indexOf(readNodes(database));
}
