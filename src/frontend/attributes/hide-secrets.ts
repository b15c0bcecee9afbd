import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { withoutTokens } from '../installs/without-tokens.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { Profiles } from '../profiles/types.ts';
import { createResolver } from './resolver.ts';
import { withoutSecrets } from './secrets.ts';
import type { AttributeStore } from './store.ts';

/** The text of a machine without its secrets and the tokens of installs. Never throws. */
export type HideSecrets = (node: MachineNode, text: string) => string;

export type HideSecretsDeps = {
  readonly log: Pick<Log, 'warn'>;
  readonly attributes: Pick<AttributeStore, 'layers'>;
  readonly profiles: Pick<Profiles, 'list' | 'declared'>;
};

/** Where secrets cannot be told from the rest, nothing of it is shown. */
const notShown = '(not shown: the secrets in it could not be looked up)';

/**
 * For what machines say of themselves: their install scripts held secrets, and their kernel command
 * line and what they fetched the token of their install.
 */
export function createHideSecrets({ log, attributes, profiles }: HideSecretsDeps): HideSecrets {
  return (node, text) => {
    if (text === '') return text;
    try {
      const layers = attributes.layers();
      const host = createResolver({ layers, profiles, frontend: '' })(node);
      // First: a secret that is a part of a token would leave the rest of it.
      return withoutSecrets(withoutTokens(text), host);
    } catch (error) {
      log.warn('what a machine said not kept', { node: node.name, reason: messageOf(error) });
      return notShown;
    }
  };
}
