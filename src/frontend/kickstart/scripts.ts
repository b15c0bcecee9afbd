import { resolveHost } from '../attributes/resolve.ts';
import type { AttributeStore } from '../attributes/store.ts';
import type { MachineNode } from '../nodes/types.ts';
import { declaredOrNone } from '../profiles/declared-or-none.ts';
import type { Profiles, RenderContext, Rendered } from '../profiles/types.ts';

export type ScriptsDeps = {
  readonly attributes: Pick<AttributeStore, 'layers'>;
  readonly profiles: Pick<Profiles, 'declared' | 'render'>;
  readonly tokenOf: (node: MachineNode) => string;
};

export type ScriptRequest = {
  /** `host[:port]` of the frontend, as the machine reaches it. */
  readonly server: string;
  /** As the installer says it: `x86_64`. */
  readonly architecture: string | undefined;
};

/** What the installer of a node gets, made at this moment. Throws ProfileError, DatabaseError. */
export type RenderScript = (node: MachineNode, request: ScriptRequest) => Rendered;

export function createScripts({ attributes, profiles, tokenOf }: ScriptsDeps): RenderScript {
  const profile = (name: string) => declaredOrNone(profiles, name);
  return (node, { server, architecture }) => {
    const layers = attributes.layers();
    const host = resolveHost(node, { layers, profile, frontend: server });
    const token = tokenOf(node);
    const context: RenderContext = {
      frontend: server,
      token,
      urls: {
        success: `http://${server}/installs/${token}/success`,
        failure: `http://${server}/installs/${token}/failure`,
        files: `http://${server}/kickstart/${token}/`,
      },
      ...(architecture === undefined ? {} : { architecture }),
    };
    return profiles.render(host, context);
  };
}
