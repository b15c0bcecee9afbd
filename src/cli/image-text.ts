import { InvalidArgumentError } from 'commander';
import type { BuiltImage } from '../frontend/images/main.ts';
import { formatBytes } from '../runtime/units.ts';

/** `http://10.1.1.1`, or what lacks no more than `http://`. */
export function parseFrontend(text: string): string {
  const given = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url?.protocol === 'http:' && isPlain) return url.origin;
  throw new InvalidArgumentError('Expected an address such as http://10.1.1.1.');
}

/** What was made, and how machines get it. */
export function renderBuilt(built: BuiltImage): string {
  const { path, sizeBytes, unpackedBytes, compression, sha256, keyId, frontend } = built;
  const lines = [
    `${path}: ${formatBytes(sizeBytes)} (${compression}), ${formatBytes(unpackedBytes)} in memory`,
    `  sha256    ${sha256}`,
    `  key       ${keyId}`,
    `  frontend  ${frontend ?? 'none in it: only the kernel argument scree.frontend= tells'}`,
    `  ${renderUse(built)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function renderUse({ servedAs, path }: BuiltImage): string {
  const behind =
    "append it to the installer's ramdisk: pxelinux INITRD a,b · GRUB initrd a b · iPXE";
  if (servedAs === null) return `${behind} two initrd lines; '${path}' goes last`;
  const isUsual = servedAs === 'scree/agent.img';
  const others = `in boot actions of your own, name ${servedAs} last in 'initrds'`;
  return isUsual ? `the boot action 'install' sends it; ${others}` : others;
}
