import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import test from 'ava';
import { collectAgentFiles } from '../../../src/frontend/images/agent-files.ts';
import { bundleAgent } from '../../../src/frontend/images/bundle.ts';
import { collectHooks } from '../../../src/frontend/images/hooks.ts';
import type { Architecture, CpioEntry } from '../../../src/frontend/images/types.ts';

const architecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const { publicKey } = generateKeyPairSync('ed25519');
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const options = { architecture, publicKeyPem, version: '1.2.3', frontend: 'http://10.1.1.1' };
const { entries, warnings } = await collectAgentFiles(options);

function bytesOf(path: string): Buffer {
  const entry = entries.find((each) => each.path === `opt/scree/${path}`);
  return entry?.kind === 'file' ? Buffer.from(entry.bytes) : Buffer.alloc(0);
}

test('the agent has its Node, loader, libraries, key, address and scripts with it', (t) => {
  t.deepEqual(warnings, []);
  t.is(bytesOf('frontend').toString(), 'http://10.1.1.1\n');
  t.is(bytesOf('frontend.pub').toString(), publicKeyPem);
  t.deepEqual(JSON.parse(bytesOf('package.json').toString()), { name: 'scree', version: '1.2.3' });
  for (const name of ['bin/node', 'bin/scree-agent', 'run', 'say', 'alarm']) {
    const entry = entries.find((each) => each.path === `opt/scree/${name}`);
    t.is(entry?.kind === 'file' ? entry.mode : undefined, 0o755, name);
  }
  const libraries = entries
    .filter(({ path }) => /\/lib\/.*\.so/.test(path))
    .map(({ path }) => path);
  for (const name of ['libc.so.6', 'libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1']) {
    t.true(libraries.includes(`opt/scree/lib/${name}`), name);
  }
  const loader = entries.find(({ path }) => path === 'opt/scree/lib/loader');
  const target = loader?.kind === 'link' ? loader.target : '';
  t.true(libraries.includes(`opt/scree/lib/${target}`), target);
});

test('each file has its checksum, so that one that was cut short is known', (t) => {
  const lines = bytesOf('SHA256SUMS').toString().trimEnd().split('\n');
  const files = entries.filter((each) => each.kind === 'file');
  t.is(lines.length, files.length - 1);
  for (const line of lines) {
    const [sum, name = ''] = line.split('  ');
    t.is(sum, createHash('sha256').update(bytesOf(name)).digest('hex'), name);
  }
});

test('the agent is one module that imports nothing but Node', async (t) => {
  const text = bytesOf('agent.mjs').toString();
  const imported = [...text.matchAll(/^(?:import|\} from)\b[^;]*?["']([^"']+)["'];$/gm)];
  t.true(imported.length > 20);
  const foreign = imported.map(([, name = '']) => name.replace(/^node:/, ''));
  t.deepEqual(
    foreign.filter((name) => !builtinModules.includes(name)),
    [],
  );
  const wanted = [...text.matchAll(/__require\("([^"]+)"\)/g)].map(([, name = '']) => name);
  const absent = wanted.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')));
  t.deepEqual(absent, []);
  t.deepEqual(await bundleAgent(), bytesOf('agent.mjs'));
});

test('a hook names no folder, and no file that a ramdisk has', async (t) => {
  const hooks = await collectHooks();
  t.deepEqual([...new Set(hooks.map(({ kind }) => kind))], ['file']);
  const own = /^opt\/scree\/|\/(?:S31scree|\d\dscree|\d\d-scree\.sh)$/;
  t.deepEqual(
    hooks.filter(({ path }) => !own.test(path)),
    [],
  );
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
  t.deepEqual(folders.toSorted(), ['opt', 'opt/scree', 'opt/scree/bin', 'opt/scree/lib']);
});

test('scripts call by its name what the image has', async (t) => {
  const all = [...entries, ...(await collectHooks())];
  const paths = new Set(all.map(({ path }) => `/${path}`));
  const texts = all.filter(isScript).map(({ bytes }) => Buffer.from(bytes).toString());
  t.true(texts.length > 10);
  const named = texts.flatMap((text) => text.match(/\/opt\/scree\/[\w./-]+\w/g) ?? []);
  t.true(named.length > 10);
  t.deepEqual(
    named.filter((path) => !paths.has(path)),
    [],
  );
});

type CpioFile = Extract<CpioEntry, { kind: 'file' }>;

function isScript(entry: CpioEntry): entry is CpioFile {
  return entry.kind === 'file' && /^#/.test(Buffer.from(entry.bytes.subarray(0, 1)).toString());
}

test('the codes that stop the installer are those that the agent ends with', async (t) => {
  const run = bytesOf('run').toString();
  const agent = await readFile('src/installer-agent/main.ts', 'utf8');
  const refused = /refusedExitCode = (\d+)/.exec(agent)?.[1];
  t.is(/refused=(\d+)/.exec(run)?.[1], refused);
  const entry = await readFile('src/cli/image-agent.ts', 'utf8');
  t.is(/usage=(\d+)/.exec(run)?.[1], /usage: (\d+)/.exec(entry)?.[1]);
});
