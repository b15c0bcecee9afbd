import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { SlotFile } from '../../../src/swarm/store/slot-file.ts';
import { StoreError } from '../../../src/swarm/store/store-error.ts';
import { slotBytes } from '../../../src/swarm/store/store-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('what was written to a slot is read from it', async (t) => {
  const file = await openSlotFile(await temporaryFolder(t), 64 * slotBytes);
  t.teardown(() => file.leave());
  const slots = Array.from({ length: 40 }, () => file.take() ?? t.fail());
  t.is(new Set(slots).size, 40);
  const contents = slots.map((_, index) => randomBytes(index % 3 === 0 ? 100 + index : slotBytes));
  await Promise.all(
    slots.map((slot, index) => file.write(Number(slot), contents[index] ?? Buffer.alloc(0), label)),
  );
  for (const [index, slot] of slots.entries()) {
    const expected = contents[index] ?? Buffer.alloc(0);
    t.true((await readSlot(file, Number(slot), expected.length)).equals(expected));
  }
});

test('a slot that is written again holds the last bytes', async (t) => {
  const file = await openSlotFile(await temporaryFolder(t), 4 * slotBytes);
  t.teardown(() => file.leave());
  const slot = file.take() ?? 0;
  const old = file.write(slot, randomBytes(slotBytes), label);
  const bytes = randomBytes(slotBytes);
  await Promise.all([old, file.write(slot, bytes, label)]);
  t.true((await readSlot(file, slot, slotBytes)).equals(bytes));
});

test('slots are taken once each, never more than the budget', async (t) => {
  const file = await openSlotFile(await temporaryFolder(t), 10 * slotBytes + 5);
  t.teardown(() => file.leave());
  const step = fc.oneof(fc.constant('take' as const), fc.nat(9));
  const property = fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const taken = new Set<number>();
    for (const each of steps) {
      if (each !== 'take') {
        const slot = [...taken][each];
        if (slot !== undefined && taken.delete(slot)) file.free(slot);
        continue;
      }
      const slot = file.take();
      assert.equal(slot === undefined, taken.size === 10);
      if (slot !== undefined) {
        assert.ok(!taken.has(slot) && slot >= 0 && slot < 10);
        taken.add(slot);
      }
      assert.equal(file.usedSlots, taken.size);
    }
    for (const slot of taken) file.free(slot);
    assert.equal(file.usedSlots, 0);
  });
  t.notThrows(() => fc.assert(property));
});

test('a store that was left leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await openSlotFile(folder, slotBytes);
  t.is((await readdir(folder)).length, 2);
  await file.leave();
  t.deepEqual(await readdir(folder), []);
});

test('a folder that is missing is made; one that cannot be is an error', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await openSlotFile(join(folder, 'a/b'), slotBytes);
  await file.leave();
  await writeFile(join(folder, 'plain'), '');
  await t.throwsAsync(openSlotFile(join(folder, 'plain/store'), slotBytes));
  await t.throwsAsync(openSlotFile('/dev/null/store', slotBytes));
});

test('closing waits for what is being written, and lets go of the file', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await openSlotFile(folder, 64 * slotBytes);
  const ends: string[] = [];
  const writes = Array.from({ length: 64 }, () =>
    file.write(file.take() ?? 0, randomBytes(slotBytes), label).then(
      () => ends.push('written'),
      (error: unknown) => ends.push(error instanceof StoreError ? 'refused' : 'failed'),
    ),
  );
  await file.leave();
  await Promise.all(writes);
  t.is(ends.length, 64);
  t.false(ends.includes('failed'));
  t.deepEqual(await openFilesUnder(folder), []);
});

test('a closed file takes and gives nothing: its descriptor may be somebody else’s by now', async (t) => {
  const file = await openSlotFile(await temporaryFolder(t), 4 * slotBytes);
  const slot = file.take() ?? 0;
  await file.write(slot, randomBytes(slotBytes), label);
  await file.leave();
  const refused = { instanceOf: StoreError };
  await t.throwsAsync(file.write(slot, randomBytes(slotBytes), label), refused);
  await t.throwsAsync(readSlot(file, slot, slotBytes), refused);
  await t.notThrowsAsync(file.leave());
});

test('a slot that was never written cannot be read', async (t) => {
  const file = await openSlotFile(await temporaryFolder(t), 4 * slotBytes);
  t.teardown(() => file.leave());
  await t.throwsAsync(readSlot(file, 3, slotBytes), { instanceOf: StoreError, code: 'unreadable' });
});

test('without a store there are no slots', async (t) => {
  t.is(new SlotFile().take(), undefined);
  t.is(new SlotFile().capacitySlots, 0);
  await t.throwsAsync(new SlotFile().write(0, Buffer.alloc(1), label), { instanceOf: StoreError });
  await t.throwsAsync(readSlot(new SlotFile(), 0, 1), { instanceOf: StoreError });
  await t.notThrowsAsync(new SlotFile().leave());
});

const label = { pieceHash: randomBytes(20), sizeBytes: slotBytes, part: 0, parts: 1 };

async function openSlotFile(folder: string, sizeBytes: number): Promise<SlotFile> {
  const file = new SlotFile();
  await file.open({ folder, sizeBytes });
  return file;
}

async function openFilesUnder(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(
    descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith(folder));
}

async function readSlot(file: SlotFile, slot: number, lengthBytes: number): Promise<Buffer> {
  const into = Buffer.alloc(lengthBytes);
  await file.read(slot, into);
  return into;
}
