import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type BootInstalls, generateBootFile } from '../../../src/frontend/boot/generated.ts';
import { type BootActions, builtInActions } from '../../../src/frontend/boot/plan-boot.ts';
import { type BootRoots, createBootRoots } from '../../../src/frontend/boot/roots.ts';
import type { BootAccess, BootAnswer } from '../../../src/frontend/boot/types.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const actions: BootActions = builtInActions({
  kernel: 'debian/linux',
  initrds: ['debian/initrd', 'agent/overlay'],
});

export const overTftp = { protocol: 'tftp', server: '10.77.0.1' } as const;
export const overHttp = { protocol: 'http', server: '10.77.0.1:8080' } as const;

export function machine(changes: Partial<MachineNode> = {}): MachineNode {
  return {
    name: 'compute-0-0',
    macs: ['52:54:00:ab:cd:01'],
    uuid: '564d4c5a-0a4d-4ab3-9f1e-00163e2a0b01',
    address: '10.77.0.20',
    role: 'compute',
    rack: 0,
    rank: 0,
    clientClasses: undefined,
    dhcpOptions: {},
    bootAction: 'os',
    bootState: 'os',
    bootReason: undefined,
    stateAtMs: 0,
    installNumber: 0,
    ...changes,
  };
}

export type RootsFixture = {
  /** The general root. */
  readonly folder: string;
  /** What must never be sent lies here, beside it. */
  readonly outside: string;
  readonly roots: BootRoots;
};

/** No install is begun or ended by what is fetched. */
export const noInstalls: BootInstalls = {
  bootFileAsked: (node) => node,
  tokenOf: ({ installNumber }) => `${installNumber}-ab`,
};

/** A general root with these files (`path: content`) and links (`path: '-> target'`). */
export async function makeRoots(
  t: ExecutionContext,
  contents: Readonly<Record<string, string>>,
): Promise<RootsFixture> {
  const parent = await temporaryFolder(t);
  const folder = join(parent, 'tftpboot');
  const outside = join(parent, 'secret');
  await mkdir(folder);
  await writeFile(outside, 'secret');
  await fill(folder, contents);
  const generate = (node: MachineNode, path: string, access: BootAccess) =>
    generateBootFile({ node, path, access }, { actions }, noInstalls);
  return { folder, outside, roots: createBootRoots({ generate }, { folder }) };
}

export async function fill(
  folder: string,
  contents: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    const absolute = join(folder, path);
    await mkdir(dirname(absolute), { recursive: true });
    if (content.startsWith('-> ')) await symlink(content.slice(3), absolute);
    else await writeFile(absolute, content);
  }
}

/** A file's content, a generated text, or why there is none. */
export async function contentOf(answer: BootAnswer): Promise<string> {
  if (answer.kind === 'refuse') return `${answer.code}: ${answer.reason}`;
  if (answer.kind === 'generated') return answer.text;
  const file = await answer.open();
  try {
    return String(await file.read(0, file.sizeBytes + 10));
  } finally {
    await file.close();
  }
}
