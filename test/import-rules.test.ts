import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import {
  findCircles,
  type Import,
  importsOf,
  reachableFrom,
  readImports,
} from './support/import-graph.ts';
import { isNative, listDependencies } from './support/package-graph.ts';

const imports = readImports('src');
const listedFiles = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' });
const files = listedFiles.split('\0').filter(Boolean);

type Rule = {
  /** Folders of src/ or files in them; `*` for anything. */
  readonly may: readonly string[];
  readonly why: string;
};

const rules: ReadonlyMap<string, Rule> = new Map([
  ['runtime', { may: [], why: 'a door to the world knows nothing of what goes through it' }],
  ['protocol', { may: ['runtime/errors.ts'], why: 'codecs and rules are pure' }],
  ['swarm', { may: ['runtime', 'protocol'], why: 'frontend and agent share it' }],
  ['tracker', { may: ['runtime', 'protocol'], why: 'it also runs alone' }],
  [
    'frontend',
    { may: ['runtime', 'protocol', 'swarm', 'tracker'], why: 'it meets agents on the wire only' },
  ],
  [
    'installer-agent',
    { may: ['runtime', 'protocol', 'swarm'], why: 'a ramdisk carries all that it imports' },
  ],
  [
    'cli',
    { may: ['runtime', 'protocol', '*/main.ts'], why: 'it is thin: each program has one entrance' },
  ],
  [
    'console',
    {
      may: [
        ...['runtime/units.ts', 'cli/watch-model.ts', '*/documents.ts'],
        'frontend/http/api/schemas.ts',
      ],
      why: 'it runs in a browser, and knows of the frontend what the API says',
    },
  ],
  ['simulator', { may: ['*'], why: 'it pretends to be a whole rack' }],
]);

for (const [part, { may, why }] of rules) {
  test(`src/${part} imports ${may.join(', ') || 'nothing of ours'}: ${why}`, (t) => {
    const own = imports.filter((each) => each.kind === 'own' && partOf(each.from) === part);
    const wrong = own.filter(
      ({ to }) => partOf(to) !== part && !may.some((to_) => covers(to_, to)),
    );
    t.deepEqual(wrong.map(describe), []);
  });
}

test('every folder of src/ has its rule', (t) => {
  t.deepEqual(readdirSync('src').sort(), [...rules.keys()].sort());
});

test('nothing imports in circles: each part can be read and tested without what uses it', (t) => {
  const circles = findCircles(imports).map((circle) => circle.join(' → '));
  t.deepEqual(circles, []);
});

test('no file only passes on what others export: an import names the file that has the thing', (t) => {
  const passedOn = imports.filter((each) => each.isReexport);
  t.deepEqual(passedOn.map(describe), []);
});

test('nothing has a default export: a thing has the same name everywhere', (t) => {
  const sources = files.filter((path) => /^(src|test|bench)\/.*(?<!\.d)\.tsx?$/.test(path));
  const defaults = sources.filter((path) => /^export default\b/m.test(readFileSync(path, 'utf8')));
  t.deepEqual(defaults, []);
});

/** Packages that are no door to anything, and used in more than one folder. */
const everywhere = new Map([
  ['valibot', 'a schema stands where its data comes in'],
  ['preact', 'the console is written in it'],
]);

test('each package has one door, so that it can be replaced in one place', (t) => {
  const packages = imports.filter((each) => each.kind === 'package' && !everywhere.has(each.to));
  const doors = [...Map.groupBy(packages, (each) => each.to)].map(([name, users]) => {
    const folders = new Set(users.map((each) => each.from.replace(/\/[^/]*$/, '')));
    return [name, ...folders];
  });
  t.deepEqual(
    doors.filter((door) => door.length > 2),
    [],
  );
});

test('the console takes nothing of the programs along but what is listed: of documents the types', (t) => {
  const loaded = [...reachableFrom(['src/console/main.tsx'], imports)];
  const foreign = loaded.filter((path) => !path.startsWith('src/console/'));
  t.deepEqual(foreign.toSorted(), [
    ...['preact', 'src/cli/watch-model.ts', 'src/runtime/errors.ts', 'src/runtime/units.ts'],
    'uplot',
  ]);
});

/** Where the agent is started: by its own root, or through the command that leads there. */
const agentStarts = ['src/installer-agent/main.ts', 'src/cli/agent.ts'];
const notInTheRamdisk = ['koa', '@koa/router', 'node:sqlite', 'bittorrent-tracker', 'webtorrent'];

test('the agent carries no web framework, no database and nothing native: it lives in a ramdisk', (t) => {
  const loaded = reachableFrom(agentStarts, imports);
  const names = [...loaded].filter((name) => !name.startsWith('src/') && !name.includes(':'));
  const dependencies = listDependencies(names);
  t.true(names.length > 0);
  t.deepEqual(
    notInTheRamdisk.filter((name) => loaded.has(name) || dependencies.has(name)),
    [],
  );
  t.deepEqual([...dependencies.values()].filter(isNative), []);
});

test('a source file has at most 250 lines', (t) => {
  const sources = files.filter((path) => /^src\/.*\.tsx?$/.test(path));
  const lengths = sources.map((path) => [path, readFileSync(path, 'utf8').split('\n').length - 1]);
  t.deepEqual(
    lengths.filter(([, length]) => Number(length) > 250),
    [],
  );
});

test('no file names a place to fetch from, or a folder of the machine it was written on', (t) => {
  const registryHost =
    /\b(?:registry|deb|security|pypi|proxy|static|index)\.[a-z-]+\.(?:org|com|io)\b/;
  const ownFolder = new RegExp(`${process.cwd()}\\b|/home/[a-z]`);
  const texts = files.filter((path) => !/\.(png|ico|woff2|gz|xz|pcap)$/.test(path));
  const wrong = texts.filter((path) => {
    const text = readFileSync(path, 'utf8');
    return registryHost.test(text) || ownFolder.test(text);
  });
  t.deepEqual(wrong, []);
});

test('the reader of imports sees every form of them', (t) => {
  const text = `
    import a from 'koa';
    import type { B } from './b.ts';
    import { c } from '../c.ts';
    export { d } from './d.ts';
    const e = await import('@scope/e/part');
    new Worker(new URL('./f.ts', import.meta.url));
    import 'node:fs';
  `;
  const found = importsOf('src/x/y.ts', text).map((each) => [each.to, each.kind, each.typeOnly]);
  t.deepEqual(found, [
    ['koa', 'package', false],
    ['src/x/b.ts', 'own', true],
    ['src/c.ts', 'own', false],
    ['src/x/d.ts', 'own', false],
    ['@scope/e', 'package', false],
    ['src/x/f.ts', 'own', false],
    ['node:fs', 'node', false],
  ]);
});

test('circles are found wherever they start', (t) => {
  const edge = (from: string, to: string): Import => ({
    from,
    to,
    kind: 'own',
    typeOnly: false,
    isReexport: false,
  });
  const circle = [edge('a', 'b'), edge('b', 'c'), edge('c', 'b'), edge('a', 'c')];
  t.deepEqual(findCircles(circle), [['b', 'c', 'b']]);
  t.deepEqual(findCircles([edge('a', 'b'), edge('a', 'c'), edge('b', 'c')]), []);
});

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function covers(allowed: string, path: string): boolean {
  if (allowed === '*') return true;
  if (allowed.startsWith('*/')) return path.endsWith(allowed.slice(1));
  return path === `src/${allowed}` || path.startsWith(`src/${allowed}/`);
}

function describe({ from, to }: Import): string {
  return `${from} → ${to}`;
}
