import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scree = fileURLToPath(new URL('../../scree', import.meta.url));
const scripts = new URL('../../src/frontend/images/files/', import.meta.url);

/** What an image has in /opt/scree, but for the program: this checkout’s is in its place. */
export async function makeAgentHome(home: string, publicKeyFile: string): Promise<void> {
  await mkdir(join(home, 'bin'), { recursive: true });
  for (const name of ['run', 'say', 'alarm']) {
    await copyFile(new URL(name, scripts), join(home, name));
    await chmod(join(home, name), 0o755);
  }
  await copyFile(publicKeyFile, join(home, 'frontend.pub'));
  const program = `#!/bin/sh\nexec '${scree}' agent "$@"\n`;
  await writeFile(join(home, 'bin/scree-agent'), program, { mode: 0o755 });
  const sums = ['run', 'say', 'alarm', 'frontend.pub', 'bin/scree-agent'].map(async (name) => {
    const sum = createHash('sha256').update(await readFile(join(home, name)));
    return `${sum.digest('hex')}  ${name}\n`;
  });
  await writeFile(join(home, 'SHA256SUMS'), await Promise.all(sums));
}
