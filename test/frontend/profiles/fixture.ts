import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  AttributeValue,
  ResolvedAttribute,
  ResolvedHost,
} from '../../../src/frontend/attributes/types.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import type { RenderContext } from '../../../src/frontend/profiles/types.ts';

const token = `3-${'0123456789abcdef'.repeat(2)}`;

export const context: RenderContext = {
  frontend: '10.1.1.1',
  token,
  urls: {
    success: `http://10.1.1.1/installs/${token}/success`,
    failure: `http://10.1.1.1/installs/${token}/failure`,
    files: `http://10.1.1.1/kickstart/${token}/`,
  },
};

const node: MachineNode = {
  name: 'compute-0-1',
  macs: ['52:54:00:12:34:56'],
  uuid: undefined,
  address: '10.1.0.11',
  role: 'compute',
  rack: 0,
  rank: 1,
  clientClasses: undefined,
  dhcpOptions: {},
  bootAction: 'install',
  bootState: 'booting',
  bootReason: undefined,
  stateAtMs: 0,
  installNumber: 3,
};

/** A node with these attributes, as if they were its own, beside what every node has. */
export function hostOf(
  profile: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): ResolvedHost {
  const { name, role } = node;
  const own = {
    ...{ name, role, profile, address: '10.1.0.11', mac: '52:54:00:12:34:56', rack: 0, rank: 1 },
    ...{ macs: node.macs, frontend: '10.1.1.1', 'frontend-url': 'http://10.1.1.1' },
  };
  const resolved = Object.entries({ ...own, ...attributes }).map(
    ([key, value]): readonly [string, ResolvedAttribute] => {
      const origin = key in own ? { kind: 'built-in' } : { kind: 'node', target: name };
      return [key, { value, isSecret: key.startsWith('secret'), origin } as ResolvedAttribute];
    },
  );
  return { node, profile, os: profile, attributes: new Map(resolved) };
}

/** Writes files of a profiles folder by their paths. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
