import type { MachineNode } from '../nodes/types.ts';
import { declaredOrNone } from '../profiles/declared-or-none.ts';
import type { Profiles } from '../profiles/types.ts';
import type { AttributeLayers } from './layers.ts';
import { resolveHost } from './resolve.ts';
import { knownSecrets } from './secrets.ts';
import type { ResolvedHost } from './types.ts';

export type ResolverDeps = {
  readonly layers: AttributeLayers;
  readonly profiles: Pick<Profiles, 'list' | 'declared'>;
  /** `host[:port]` of the frontend's HTTP server. */
  readonly frontend: string;
};

/** Resolves nodes by what attributes and profiles are now. */
export function createResolver({
  layers,
  profiles,
  frontend,
}: ResolverDeps): (node: MachineNode) => ResolvedHost {
  const secrets = knownSecrets(layers, profiles);
  const profile = (name: string) => declaredOrNone(profiles, name);
  return (node) => resolveHost(node, { layers, profile, frontend, secrets });
}
