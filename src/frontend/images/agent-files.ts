import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleAgent } from './bundle.ts';
import { findLibraries, type Libraries } from './libraries.ts';
import { readRuntime, slimRuntime } from './runtime.ts';
import type { AgentFiles, AgentFilesOptions, Architecture, CpioEntry } from './types.ts';

/** See AgentFiles. Throws ImageError. */
export async function collectAgentFiles(options: AgentFilesOptions): Promise<AgentFiles> {
  const path = options.node ?? runtimePath(options.architecture);
  const node = await readRuntime(path, options.architecture);
  const runtime = slimRuntime(node, path, options.architecture);
  const [libraries, bundle, compare, scripts] = await Promise.all([
    findLibraries({ bytes: node, path }, options),
    bundleAgent(),
    readPart('compare.mjs'),
    readScripts(),
  ]);
  const files = [
    file('bin/node', runtime.bytes, 0o755),
    ...libraries.all.map(({ name, bytes }) => file(`lib/${name}`, bytes, 0o755)),
    file('agent.mjs', bundle),
    file('compare.mjs', compare),
    ...scripts,
    ...renderSettings(options),
  ];
  const entries = [
    ...['', '/bin', '/lib'].map((folder) => folderEntry(`opt/scree${folder}`)),
    folderEntry('opt'),
    ...files,
    loaderLink(libraries),
    file('SHA256SUMS', Buffer.from(renderSums(files))),
  ];
  return { entries, warnings: runtime.warnings };
}

type CpioFile = Extract<CpioEntry, { kind: 'file' }>;

function runtimePath(architecture: Architecture): string {
  const packages = new URL('../../../node_modules/', import.meta.url);
  return fileURLToPath(new URL(`node-linux-${architecture}/bin/node`, packages));
}

function file(path: string, bytes: Uint8Array, mode = 0o644): CpioFile {
  return { kind: 'file', path: `opt/scree/${path}`, mode, bytes };
}

function folderEntry(path: string): CpioEntry {
  return { kind: 'folder', path, mode: 0o755 };
}

/** `lib/loader`, whatever it is called for this processor. */
function loaderLink({ loader }: Libraries): CpioEntry {
  return { kind: 'link', path: 'opt/scree/lib/loader', target: loader.name };
}

async function readScripts(): Promise<readonly CpioFile[]> {
  const places = { 'scree-agent': 'bin/scree-agent', run: 'run', say: 'say', alarm: 'alarm' };
  return Promise.all(
    Object.entries(places).map(async ([name, place]) => {
      return file(place, await readPart(name), 0o755);
    }),
  );
}

function readPart(name: string): Promise<Buffer> {
  return readFile(new URL(`files/${name}`, import.meta.url));
}

function renderSettings({
  frontend,
  publicKeyPem,
  version,
}: AgentFilesOptions): readonly CpioFile[] {
  const text = (path: string, content: string) => file(path, Buffer.from(content));
  return [
    text('package.json', `${JSON.stringify({ name: 'scree', version })}\n`),
    text('frontend.pub', publicKeyPem),
    ...(frontend === undefined ? [] : [text('frontend', `${frontend}\n`)]),
  ];
}

/** For `sha256sum -c` in `/opt/scree`. */
function renderSums(files: readonly CpioFile[]): string {
  const lines = files.map(({ path, bytes }) => {
    const sum = createHash('sha256').update(bytes).digest('hex');
    return `${sum}  ${path.slice('opt/scree/'.length)}\n`;
  });
  return lines.toSorted().join('');
}
