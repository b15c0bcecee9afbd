import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import type { RackHost } from './rack.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { runTool } from './tool.ts';

export type ImageMachine = {
  /** What it sees as `/`, but for `/run` and `/proc`. */
  readonly root: string;
  /** Runs a script in it, and resolves with what it prints. */
  readonly run: (script: string) => Promise<string>;
  /** Waits until a script succeeds, and resolves with what it prints. */
  readonly until: (script: string, limitMs: number) => Promise<string>;
  /** What was written to its console. */
  readonly console: () => Promise<string>;
  /** Switches it on: what is in its root is started as an installer's hook would. */
  readonly powerOn: (kernelArguments: string) => Promise<void>;
};

/**
 * A machine whose file system is a ramdisk with busybox and its libraries, an image (zstd) unpacked
 * over it by busybox' cpio, and nothing else; its processes see only each other.
 */
export async function makeImageMachine(
  t: ExecutionContext,
  host: RackHost,
  image: string,
): Promise<ImageMachine> {
  const root = await temporaryFolder(t);
  await makeRamdisk(root);
  const archive = join(root, 'image.cpio');
  await writeFile(archive, zstdDecompressSync(await readFile(image)));
  await runTool(['sh', '-ec', 'cd "$1" && busybox cpio -idm <image.cpio', 'unpack', root]);
  await runTool(['rm', archive]);
  const state = { inner: '' };
  const run = async (script: string) => {
    const inside = ['nsenter', '--target', state.inner, '--mount', '--pid'];
    const { stdout } = await host.run([...inside, 'chroot', root, '/bin/sh', '-ec', script]);
    return stdout;
  };
  return {
    root,
    run,
    until: (script, limitMs) => untilItSucceeds(() => run(script), limitMs),
    console: () => readFile(join(root, 'dev/console'), 'utf8'),
    powerOn: async (kernelArguments) => {
      await writeFile(join(root, 'cmdline'), `${kernelArguments}\n`);
      const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
      const machine = host.start([...own, 'sh', '-ec', init, 'init', root]);
      await machine.waitForLine(/^up$/, 10_000);
      const children = `/proc/${machine.pid}/task/${machine.pid}/children`;
      state.inner = (await readFile(children, 'utf8')).trim();
    },
  };
}

const init = `
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --bind "$1/cmdline" "$1/proc/cmdline"
mount -t tmpfs run "$1/run"
exec chroot "$1" /bin/sh -c '
  echo up
  /opt/scree/run </dev/null >/dev/null 2>&1 &
  while :; do sleep 1; done'
`;

async function makeRamdisk(root: string): Promise<void> {
  const busybox = '/bin/busybox';
  const libraries = (await runTool(['ldd', busybox])).match(/\/\S+/g) ?? [];
  for (const path of [busybox, ...libraries]) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
  for (const name of ['dev', 'proc', 'run', 'tmp', 'var/log']) {
    await mkdir(join(root, name), { recursive: true });
  }
  await runTool(['chroot', root, busybox, '--install', '-s', '/bin']);
  await runTool(['mknod', join(root, 'dev/null'), 'c', '1', '3']);
  await writeFile(join(root, 'dev/console'), '');
  // What an installer shows itself with.
  await writeFile(join(root, 'bin/main-menu'), '#!/bin/sh\nwhile :; do sleep 1; done\n');
  await chmod(join(root, 'bin/main-menu'), 0o755);
}

async function untilItSucceeds(run: () => Promise<string>, limitMs: number): Promise<string> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
