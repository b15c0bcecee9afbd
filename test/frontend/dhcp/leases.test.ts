import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { LeaseError } from '../../../src/frontend/dhcp/lease-error.ts';
import { decodeLeaseLines, encodeLeaseLine } from '../../../src/frontend/dhcp/lease-line.ts';
import { openLeases, readLeaseFile } from '../../../src/frontend/dhcp/leases.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const deps = { log: silentLog, clockMs: () => 1_000_000 };

function lease(at: number, values: Partial<Lease> = {}): Lease {
  const mac = `52:54:00:00:00:${String((at % 90) + 10)}`;
  const address = `10.1.0.${at % 250}`;
  return { address, holder: `mac:${mac}`, mac, state: 'bound', untilMs: 2_000_000 + at, ...values };
}

test('leases are there again after a restart, offers are not', async (t) => {
  const path = join(await temporaryFolder(t), 'dhcp', 'leases');
  const leases = await openLeases(deps, { path });
  await leases.commit(lease(1));
  await leases.commit(lease(2, { state: 'declined' }));
  await leases.commit(lease(3, { state: 'offered' }));
  t.is(leases.at('10.1.0.3')?.state, 'offered');
  await leases.close();
  const again = await openLeases(deps, { path });
  t.deepEqual(again.all(), [lease(1), lease(2, { state: 'declined' })]);
  await again.close();
});

test('a lease is known at once, and kept when its promise resolves', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const leases = await openLeases(deps, { path });
  const kept = leases.commit(lease(1));
  t.deepEqual(leases.at('10.1.0.1'), lease(1));
  await kept;
  t.deepEqual((await readLeaseFile(path)).leases, [lease(1)]);
  await leases.close();
});

test('an offer that another server won leaves nothing', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const leases = await openLeases(deps, { path });
  await leases.commit(lease(1, { state: 'offered' }));
  await leases.commit(lease(1, { state: 'released' }));
  t.deepEqual(leases.all(), []);
  await leases.close();
});

test('whatever part of the file is there after a crash, each whole line of it counts', (t) => {
  const written = [1, 2, 3, 1].map((at, turn) => lease(at, { untilMs: 5_000 + turn }));
  const lines = written.map(encodeLeaseLine);
  const text = lines.join('');
  for (let length = 0; length <= text.length; length += 1) {
    const { leases, damagedCount } = decodeLeaseLines(text.slice(0, length));
    let wholeCount = 0;
    // The last character of a line only ends it.
    while (lines.slice(0, wholeCount + 1).join('').length - 1 <= length && wholeCount < 4)
      wholeCount += 1;
    t.deepEqual(leases, written.slice(0, wholeCount));
    t.true(damagedCount <= 1);
  }
});

test('a line that any byte of was changed is left out, and no other', (t) => {
  const written = [lease(1), lease(2), lease(3)];
  const bytes = Buffer.from(written.map(encodeLeaseLine).join(''));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ flip;
      const { leases } = decodeLeaseLines(damaged.toString('utf8'));
      const known = leases.every((each) => written.some((one) => isDeepStrictEqual(one, each)));
      t.true(known && leases.length >= 1);
    }),
  );
});

test('a torn file is told of and used', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  await writeFile(path, encodeLeaseLine(lease(1)) + encodeLeaseLine(lease(2)).slice(0, 20));
  const { log, lines } = createCollectingLog();
  const leases = await openLeases({ ...deps, log }, { path });
  t.deepEqual(leases.all(), [lease(1)]);
  t.is(lines[0]?.fields.damagedCount, 1);
  await leases.commit(lease(3));
  await leases.close();
  t.deepEqual(await readLeaseFile(path), { leases: [lease(1), lease(3)], damagedCount: 0 });
});

test('the file does not grow with each renewal', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const leases = await openLeases(deps, { path });
  for (let turn = 0; turn < 30; turn += 1) {
    const each = Array.from({ length: 1_000 }, (_, at) =>
      lease(at % 50, { untilMs: 2_000_000 + turn }),
    );
    await Promise.all(each.map(leases.commit));
  }
  await leases.close();
  const lineCount = (await readFile(path, 'utf8')).split('\n').length;
  t.true(lineCount < 22_000, `${lineCount} lines`);
  const kept = await openLeases(deps, { path });
  t.is(kept.all().length, 50);
  t.true(kept.all().every(({ untilMs }) => untilMs === 2_000_029));
  await kept.close();
});

test('who had an address a month ago is forgotten', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const nowMs = 100 * 86_400_000;
  const daysAgo = (days: number) => ({ untilMs: nowMs - days * 86_400_000 });
  await writeFile(
    path,
    [lease(1, daysAgo(40)), lease(2, daysAgo(20))].map(encodeLeaseLine).join(''),
  );
  const leases = await openLeases({ log: silentLog, clockMs: () => nowMs }, { path });
  await leases.close();
  t.deepEqual((await readLeaseFile(path)).leases, [lease(2, daysAgo(20))]);
});

test('a disk that cannot be written rejects, and the next that can keeps all', async (t) => {
  const folder = join(await temporaryFolder(t), 'state');
  const path = join(folder, 'leases');
  const leases = await openLeases(deps, { path });
  await leases.commit(lease(1));
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  // The open file is still written to, so the journal is made to write itself anew.
  const many = Array.from({ length: 20_100 }, (_, at) => leases.commit(lease(at % 50)));
  const error = await t.throwsAsync(Promise.all(many), { instanceOf: LeaseError });
  t.is(error?.code, 'unwritable');
  await Promise.allSettled(many);
  await rm(folder);
  await mkdir(folder);
  await leases.commit(lease(77));
  await leases.close();
  t.is((await readLeaseFile(path)).leases.length, 51);
});

test('after the end nothing is taken', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const leases = await openLeases(deps, { path });
  await leases.close();
  await t.throwsAsync(leases.commit(lease(1)), { instanceOf: LeaseError, code: 'closed' });
});

test('a lease that was acknowledged before kill -9 is there, and none that was not asked for', async (t) => {
  const path = join(await temporaryFolder(t), 'leases');
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    const program = join(import.meta.dirname, 'workers', 'binds.ts');
    const child = spawn(process.execPath, [program, path, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    let lineCount = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [address = '', untilMs] = line.split(' ');
      acknowledged.set(address, Number(untilMs));
      lineCount += 1;
      if (lineCount === 400 + round * 137) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    t.is(child.signalCode, 'SIGKILL');
    const { leases } = await readLeaseFile(path);
    const found = new Map(leases.map((each) => [each.address, each]));
    for (const [address, untilMs] of acknowledged) {
      const lease = found.get(address);
      t.true(lease !== undefined && lease.untilMs >= untilMs, `${address} was lost`);
      t.is(lease?.holder, `mac:${lease?.mac}`);
    }
  }
});
