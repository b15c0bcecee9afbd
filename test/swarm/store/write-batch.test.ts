import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { WriteBatch } from '../../../src/swarm/store/write-batch.ts';

const slotBytes = 100;

/** A slow disk: what each slot holds, and how many calls that took. */
function createDisk(delayMs: number, isBad: (slot: number) => boolean = () => false) {
  const slots = new Map<number, string>();
  const disk = { slots, calls: 0, busy: 0 };
  const batch = new WriteBatch(slotBytes, async (firstSlot, buffers) => {
    disk.calls += 1;
    disk.busy += 1;
    await sleep(delayMs);
    disk.busy -= 1;
    const all = buffers.map((_, index) => firstSlot + index);
    if (all.some(isBad)) throw new Error('no space');
    for (const [index, slot] of all.entries()) slots.set(slot, String(buffers[index]));
  });
  return { disk, batch };
}

const bytesOf = (slot: number) => Buffer.alloc(slotBytes, String(slot % 10));

test('all that is added gets written, soon, and neighbours in one go', async (t) => {
  const { disk, batch } = createDisk(1);
  await Promise.all([3, 1, 2, 9, 0].map((slot) => batch.add(slot, bytesOf(slot))));
  t.is(disk.slots.size, 5);
  t.is(disk.slots.get(2), String(bytesOf(2)));
  t.is(disk.calls, 2);
});

test('what is added while others are written is written, too, however slow the disk is', async (t) => {
  const { disk, batch } = createDisk(300);
  const first = batch.add(0, bytesOf(0));
  await sleep(210);
  t.is(disk.busy, 1);
  const second = batch.add(1, bytesOf(1));
  await Promise.all([first, second]);
  await sleep(20);
  const later: Promise<void>[] = [];
  for (let slot = 2; slot < 6; slot += 1) {
    later.push(batch.add(slot, bytesOf(slot)));
    await sleep(170);
  }
  const ended = await Promise.race([Promise.all(later).then(() => 'written'), sleep(3000)]);
  t.is(ended, 'written');
  t.is(disk.slots.size, 6);
});

test('one that fails does not take its neighbours with it', async (t) => {
  const { disk, batch } = createDisk(0, (slot) => slot === 2);
  const writes = [1, 2, 3].map((slot) => batch.add(slot, bytesOf(slot)));
  const ends = (await Promise.allSettled(writes)).map(({ status }) => status);
  t.deepEqual(ends, ['fulfilled', 'rejected', 'fulfilled']);
  t.deepEqual([...disk.slots.keys()], [1, 3]);
});

test('flush ends when all is written, also when some was being written', async (t) => {
  const { disk, batch } = createDisk(30);
  const writes = [batch.add(0, bytesOf(0))];
  const flushing = batch.flush();
  writes.push(batch.add(7, bytesOf(7)));
  await batch.flush();
  t.is(disk.slots.size, 2);
  t.is(disk.busy, 0);
  await Promise.all([flushing, ...writes, batch.flush()]);
});

test('a shorter write ends its run, for what follows would come too early', async (t) => {
  const property = fc.asyncProperty(
    fc.uniqueArray(fc.nat(12), { minLength: 1 }),
    fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
    async (slots, short) => {
      const disk = Buffer.alloc(20 * slotBytes);
      const batch = new WriteBatch(slotBytes, async (firstSlot, buffers) => {
        Buffer.concat(buffers).copy(disk, firstSlot * slotBytes);
      });
      const content = (slot: number) => Buffer.alloc(short[slot] ? 40 : slotBytes, slot + 1);
      const writes = slots.map((slot) => batch.add(slot, content(slot)));
      await batch.flush();
      await Promise.all(writes);
      return slots.every((slot) => {
        const expected = content(slot);
        const start = slot * slotBytes;
        return disk.subarray(start, start + expected.length).equals(expected);
      });
    },
  );
  await t.notThrowsAsync(fc.assert(property));
});
