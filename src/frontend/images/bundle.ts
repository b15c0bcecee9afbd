import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { messageOf } from '../../runtime/errors.ts';
import { ImageError } from './errors.ts';

const sources = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The agent and all that it imports as one module, which needs Node and nothing else. The same
 * sources give the same bytes. Throws ImageError `not-bundled`.
 */
export async function bundleAgent(): Promise<Buffer> {
  try {
    const { outputFiles } = await build({
      absWorkingDir: sources,
      entryPoints: ['cli/image-agent.ts'],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      legalComments: 'eof',
      logLevel: 'silent',
      banner: { js: banner },
      define: { 'import.meta.url': 'screeModule' },
    });
    return Buffer.from(outputFiles[0]?.contents ?? []);
  } catch (cause) {
    const text = `expected to make one file of the agent, got ${messageOf(cause)}; run 'npm ci'`;
    throw new ImageError('not-bundled', text, { cause });
  }
}

/** Packages that `require` Node's own modules may; modules find `package.json` two folders up. */
const banner = [
  "import { createRequire as screeRequire } from 'node:module';",
  'const require = screeRequire(import.meta.url);',
  "const screeModule = new URL('src/agent/main.mjs', import.meta.url).href;",
].join('\n');
