import { readFile } from 'node:fs/promises';
import { runTool } from './tool.ts';

/**
 * A ramdisk for Linux that says on the serial line that it is up, with which command line, and what
 * other archives brought along, then switches the machine off. Lines begin with `ramdisk:`.
 */
export async function buildRamdisk(): Promise<Buffer> {
  const libraries = (await runTool(['ldd', busybox])).match(/\/\S+/g) ?? [];
  const programs = [busybox, ...libraries].map(async (path) => ({
    path: path.slice(1),
    mode: 0o100755,
    content: await readFile(path),
  }));
  const init = { path: 'init', mode: 0o100755, content: Buffer.from(initScript) };
  return packCpio([...(await Promise.all(programs)), init]);
}

/** A second archive, to be unpacked over the first: `/<name>` with this text. */
export function buildOverlay(name: string, text: string): Buffer {
  return packCpio([{ path: name, mode: 0o100644, content: Buffer.from(`${text}\n`) }]);
}

const busybox = '/bin/busybox';

const initScript = `#!${busybox} sh
PATH=
busybox=${busybox}
$busybox mkdir -p /proc /dev
$busybox mount -t proc proc /proc
$busybox mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
echo
echo "ramdisk: up with $($busybox cat /proc/cmdline)"
for file in /*.overlay; do echo "ramdisk: $file says $($busybox cat $file)"; done
echo "ramdisk: end"
$busybox poweroff -f
`;

type Entry = { readonly path: string; readonly mode: number; readonly content: Buffer };

/** An archive as the kernel unpacks it: cpio's `newc`, with the folders of each file before it. */
function packCpio(files: readonly Entry[]): Buffer {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const nothing = Buffer.alloc(0);
  const entries = [
    ...[...folders].map((path) => ({ path, mode: 0o040755, content: nothing })),
    ...files,
    { path: 'TRAILER!!!', mode: 0, content: nothing },
  ];
  return Buffer.concat(entries.flatMap(packEntry));
}

function packEntry({ path, mode, content }: Entry, at: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [at + 1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return [padded(Buffer.concat([Buffer.from(header), name])), padded(content)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / 4) * 4);
}

/** `a/b/c` is in `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
