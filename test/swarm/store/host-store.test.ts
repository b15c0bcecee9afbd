import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../../src/runtime/log.ts';
import { type HostStore, openHostStore } from '../../../src/swarm/store/host-store.ts';
import { StoreError } from '../../../src/swarm/store/store-error.ts';
import { slotBytes } from '../../../src/swarm/store/store-folder.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const sizeBytes = 64 * slotBytes;

type Piece = { readonly content: Buffer; readonly pieceHash: Buffer };

test('a store moves to another folder with all that it holds, and empties its old one', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 40);
  const to = join(folder, 'target/var/tmp/scree');
  t.deepEqual(await store.move({ folder: to, sizeBytes: 2 * sizeBytes }), {
    folder: to,
    sizeBytes: 2 * sizeBytes,
  });
  t.deepEqual(await readdir(join(folder, 'home')), ['scree-store-moved.json']);
  t.deepEqual((await readdir(to)).sort(), ['scree-index', 'scree-pieces']);
  t.like(store.status(), { folder: to, capacityBytes: 2 * sizeBytes });
  await checkAll(t, store, pieces);
  for (let slot = 40; slot < 128; slot += 1) t.not(store.slots.take(), undefined);
  t.is(store.slots.take(), undefined);
  await store.close();
  t.deepEqual(await readdir(folder, { recursive: true }), [
    'target',
    'target/var',
    'target/var/tmp',
  ]);
});

test('what is written, read, freed and written again during a move is as it should be', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 60);
  const moving = store.move({ folder: join(folder, 'other'), sizeBytes });
  let isOver = false;
  void moving.finally(() => {
    isOver = true;
  });
  for (let turn = 0; !isOver; turn += 1) {
    const slot = [...pieces.keys()][(turn * 7) % pieces.size] ?? 0;
    pieces.delete(slot);
    store.slots.free(slot);
    const [fresh, piece] = await put(store);
    pieces.set(fresh, piece);
    await checkAll(t, store, pieces);
  }
  await moving;
  await checkAll(t, store, pieces);
  t.is(pieces.size, store.slots.usedSlots);
});

test('a killed agent is followed by one that finds its pieces, also where they had moved to', async (t) => {
  for (const moved of [false, true]) {
    const folder = await temporaryFolder(t);
    const home = join(folder, 'home');
    const before = await openHostStore({ folder: home, sizeBytes }, silentLog);
    const pieces = await fill(before, 20);
    if (moved) await before.move({ folder: join(folder, 'target'), sizeBytes: 2 * sizeBytes });
    const left = await copyOf(folder);
    await before.close();
    await left.restore();
    const after = await openHostStore({ folder: home, sizeBytes }, silentLog);
    t.teardown(after.close);
    t.is(after.status().folder, moved ? join(folder, 'target') : home);
    t.is(after.status().sizeBytes, moved ? 2 * sizeBytes : sizeBytes);
    t.is(after.slots.foundPieces, 20);
    for (const { content, pieceHash } of pieces.values()) {
      const [slot] = after.slots.claim(pieceHash, content.length) ?? [];
      t.true(slot !== undefined && (await read(after, slot, content.length)).equals(content));
    }
    t.is(after.slots.foundPieces, 0);
    t.is(after.slots.usedSlots, 20);
  }
});

test('what nobody claims gives its room away', async (t) => {
  const folder = await temporaryFolder(t);
  const place = { folder: join(folder, 'home'), sizeBytes };
  const before = await openHostStore(place, silentLog);
  await fill(before, 64);
  const left = await copyOf(folder);
  await before.close();
  await left.restore();
  const after = await openHostStore(place, silentLog);
  t.teardown(after.close);
  t.is(after.slots.foundPieces, 64);
  t.is(after.slots.usedSlots, 0);
  await checkAll(t, after, await fill(after, 64));
  t.is(after.slots.foundPieces, 0);
});

test('a smaller budget, a cut file, garbage, links and foreign files are all got along with', async (t) => {
  const folder = await temporaryFolder(t);
  const home = join(folder, 'home');
  const before = await openHostStore({ folder: home, sizeBytes }, silentLog);
  await fill(before, 30);
  const left = await copyOf(folder);
  await before.close();
  const victim = join(folder, 'victim');
  await writeFile(victim, 'precious');
  const harms: (() => Promise<unknown>)[] = [
    async () => {},
    () => writeFile(join(home, 'scree-index'), randomBytes(5000)),
    () => writeFile(join(home, 'scree-pieces'), 'short'),
    () => rm(join(home, 'scree-index')),
    () =>
      writeFile(join(home, 'scree-store-moved.json'), '{"folder":"/proc/nowhere","sizeBytes":1}'),
    () => writeFile(join(home, 'scree-store-moved.json'), 'nonsense'),
    async () => {
      for (const name of ['scree-pieces', 'scree-index', 'scree-store-moved.json']) {
        await rm(join(home, name), { force: true });
        await symlink(victim, join(home, name));
      }
    },
  ];
  for (const harm of harms) {
    await left.restore();
    await harm();
    const store = await openHostStore({ folder: home, sizeBytes: 10 * slotBytes }, silentLog);
    t.is(store.status().folder, home, harm.toString());
    t.true(store.slots.foundPieces <= 10);
    await checkAll(t, store, await fill(store, 10));
    t.is(store.slots.take(), undefined);
    await store.close();
    t.is(await readFile(victim, 'utf8'), 'precious');
  }
});

test('two agents do not share a folder: the second one goes without, and says why', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 5);
  const log = createCollectingLog();
  const second = await openHostStore({ folder: join(folder, 'home'), sizeBytes }, log.log);
  t.is(second.slots.take(), undefined);
  t.is(second.status().folder, undefined);
  t.regex(JSON.stringify(log.lines), /another agent/);
  await t.throwsAsync(second.move({ folder: join(folder, 'home'), sizeBytes }), { code: 'in-use' });
  // It may move to a place of its own.
  await second.move({ folder: join(folder, 'own'), sizeBytes });
  await checkAll(t, second, await fill(second, 5));
  await second.close();
  await checkAll(t, store, pieces);
});

test('a move that fails leaves the store as it was, with the reason', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 40);
  await writeFile(join(folder, 'plain'), '');
  await mkdir(join(folder, 'taken/scree-pieces'), { recursive: true });
  for (const [to, code] of [
    [{ folder: join(folder, 'plain/x'), sizeBytes }, 'unusable'],
    [{ folder: join(folder, 'plain/x') }, 'unusable'],
    [{ folder: join(folder, 'taken'), sizeBytes }, 'unusable'],
    [{ folder: '/proc/scree', sizeBytes }, 'unusable'],
    [{ folder: join(folder, 'small'), sizeBytes: 39 * slotBytes }, 'too-small'],
  ] as const) {
    const error = await t.throwsAsync(store.move(to), { instanceOf: StoreError, code });
    t.true((error?.message.length ?? 0) > 20, error?.message);
    t.is(store.status().folder, join(folder, 'home'));
  }
  await checkAll(t, store, pieces);
  t.deepEqual((await readdir(join(folder, 'home'))).sort(), ['scree-index', 'scree-pieces']);
  const [one, other] = ['one', 'other'].map((name) =>
    store.move({ folder: join(folder, name), sizeBytes }),
  );
  await t.throwsAsync(async () => other, { code: 'in-use' });
  await one;
  await checkAll(t, store, pieces);
});

test('who ends in the middle of a move leaves nothing in either place', async (t) => {
  for (const waitMs of [0, 1, 3, 10, 30]) {
    const { folder, store } = await open(t);
    await fill(store, 64);
    const moving = store.move({ folder: join(folder, 'other'), sizeBytes }).catch(() => {});
    await sleep(waitMs);
    await store.close();
    await moving;
    const left = await readdir(folder, { recursive: true });
    t.deepEqual(
      left.filter((name) => name.includes('scree-')),
      [],
    );
  }
});

test('a move to where it is already is done', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 3);
  t.deepEqual(await store.move({ folder: join(folder, 'home') }), {
    folder: join(folder, 'home'),
    sizeBytes,
  });
  await checkAll(t, store, pieces);
});

test('a store that leaves its disk leaves nothing, and can move to another one', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 10);
  await store.move({ folder: join(folder, 'target'), sizeBytes });
  for (const slot of pieces.keys()) store.slots.free(slot);
  await store.leave();
  t.deepEqual(await readdir(folder, { recursive: true }), ['home']);
  t.is(store.slots.take(), undefined);
  t.like(store.status(), { folder: undefined, capacityBytes: 0 });
  await store.move({ folder: join(folder, 'again'), sizeBytes: 4 * slotBytes });
  await checkAll(t, store, await fill(store, 4));
});

test('a folder that is memory is no disk, unless a size is given', async (t) => {
  const { store } = await open(t);
  const pieces = await fill(store, 10);
  const memory = await mkdtemp('/dev/shm/scree-');
  t.teardown(() => rm(memory, { recursive: true }));
  const to = join(memory, 'target/store');
  const error = await t.throwsAsync(store.move({ folder: to }), { code: 'unusable' });
  t.regex(error?.message ?? '', /^expected a disk behind .*, got memory \(is the disk mounted\?/);
  t.deepEqual(await readdir(memory), [], 'nothing is left where a disk may be mounted');
  await checkAll(t, store, pieces);
  await store.move({ folder: to, sizeBytes });
  t.like(store.status(), { folder: to, sizeBytes });
  await checkAll(t, store, pieces);
});

test('a store in memory does not take the root for a disk', async (t) => {
  const memory = await mkdtemp('/dev/shm/scree-');
  t.teardown(() => rm(memory, { recursive: true }));
  const store = await openHostStore({ folder: join(memory, 'home'), sizeBytes }, silentLog);
  t.teardown(store.close);
  await t.throwsAsync(store.move({ folder: '/scree-no-disk/store' }), {
    code: 'unusable',
    message: /is the disk mounted\?/,
  });
  t.false((await readdir('/')).includes('scree-no-disk'));
});

test('who asks for a move that is under way waits for its end', async (t) => {
  const { folder, store } = await open(t);
  const pieces = await fill(store, 60);
  const to = { folder: join(folder, 'target'), sizeBytes: 2 * sizeBytes };
  const places = await Promise.all([store.move(to), store.move(to), store.move(to)]);
  t.deepEqual(places, [to, to, to]);
  await checkAll(t, store, pieces);
});

test('without a size the machine decides', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await openHostStore({ folder: join(folder, 'home') }, silentLog);
  t.teardown(store.close);
  t.true(store.status().sizeBytes >= 32 * 2 ** 20);
  t.true(store.status().sizeBytes <= 8 * 2 ** 30);
});

async function open(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const store = await openHostStore({ folder: join(folder, 'home'), sizeBytes }, silentLog);
  t.teardown(store.close);
  return { folder, store };
}

async function fill(store: HostStore, count: number): Promise<Map<number, Piece>> {
  return new Map(await Promise.all(Array.from({ length: count }, () => put(store))));
}

async function put({ slots }: HostStore): Promise<[number, Piece]> {
  const content = randomBytes(1 + Math.floor(Math.random() * slotBytes));
  const pieceHash = createHash('sha1').update(content).digest();
  const slot = slots.take();
  if (slot === undefined) throw new Error('expected a free slot');
  await slots.write(slot, content, { pieceHash, sizeBytes: content.length, part: 0, parts: 1 });
  return [slot, { content, pieceHash }];
}

async function read({ slots }: HostStore, slot: number, sizeBytes: number): Promise<Buffer> {
  const into = Buffer.alloc(sizeBytes);
  await slots.read(slot, into);
  return into;
}

async function checkAll(
  t: ExecutionContext,
  store: HostStore,
  pieces: ReadonlyMap<number, Piece>,
): Promise<void> {
  for (const [slot, { content }] of pieces) {
    if (!(await read(store, slot, content.length)).equals(content)) t.fail(`slot ${slot}`);
  }
}

/** All files of a folder as they are now, as a process that is killed leaves them. */
async function copyOf(folder: string) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path, content: await readFile(path) };
      }),
  );
  return {
    restore: async () => {
      for (const { path, content } of files) {
        await mkdir(join(path, '..'), { recursive: true });
        await rm(path, { force: true });
        await writeFile(path, content);
      }
    },
  };
}
