import { existsSync } from 'node:fs';
import { openDatabase } from '../../runtime/database.ts';
import type { ListenAddress } from '../../runtime/listen-address.ts';
import { createAttributeStore } from '../attributes/store.ts';
import { openInstallKey } from '../installs/key.ts';
import { installTokenOf } from '../installs/token.ts';
import { indexOf } from '../nodes/node-index.ts';
import { readNodes } from '../nodes/node-rows.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { nodeNamed } from '../nodes/stories.ts';
import { createProfiles, shippedProfiles } from '../profiles/main.ts';
import type { Rendered } from '../profiles/types.ts';
import { shownFrontend } from '../shown-frontend.ts';
import { createScripts } from './scripts.ts';

export type KickstartsConfig = {
  readonly state: string;
  /** The operator's own profiles; they go before what is shipped. */
  readonly profiles: string;
  readonly httpListen: ListenAddress;
};

/**
 * Exactly what a node would be sent now, as the frontend would make it at the address that nodes
 * most likely reach it by; nothing is changed by it. Rejects with NodesError `unknown`,
 * ProfileError, DatabaseError or FrontendError.
 */
export async function renderKickstart(name: string, config: KickstartsConfig): Promise<Rendered> {
  const { state } = config;
  const path = databasePath(state);
  const database = openDatabase({
    // To look is no reason to make a state folder.
    path: existsSync(path) ? path : ':memory:',
    migrations,
    isDurable: true,
    waitMs: 2_000,
  });
  try {
    const node = nodeNamed(indexOf(readNodes(database)), name);
    const key = await openInstallKey(state);
    const render = createScripts({
      attributes: createAttributeStore({ database }),
      profiles: createProfiles({ folders: [config.profiles, shippedProfiles] }),
      tokenOf: (each) => installTokenOf(each, key),
    });
    return render(node, { server: shownFrontend(config.httpListen), architecture: undefined });
  } finally {
    database.close();
  }
}
