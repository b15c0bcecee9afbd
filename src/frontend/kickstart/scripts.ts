import { createResolver } from '../attributes/resolver.ts';
import type { AttributeStore } from '../attributes/store.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { Profiles, RenderContext, Rendered } from '../profiles/types.ts';

export type ScriptsDeps = {
  readonly attributes: Pick<AttributeStore, 'layers'>;
  readonly profiles: Pick<Profiles, 'list' | 'declared' | 'render'>;
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
  return (node, { server, architecture }) => {
    const layers = attributes.layers();
    const host = createResolver({ layers, profiles, frontend: server })(node);
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
