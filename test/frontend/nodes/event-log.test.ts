import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createEventLog, type EventLogConfig } from '../../../src/frontend/nodes/event-log.ts';
import type { MachineEvent } from '../../../src/frontend/nodes/event-rows.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openNodesDatabase } from './fixture.ts';

async function setUp(t: ExecutionContext, limits: Partial<EventLogConfig> = {}, place?: string) {
  const path = place ?? join(await temporaryFolder(t), 'scree.db');
  const database = openNodesDatabase(t, path);
  const config = { perMachine: 200, strangers: 1024, ...limits };
  let nowMs = 1_000;
  const { log, lines } = createCollectingLog();
  const events = createEventLog({ database, log, now: () => nowMs++ }, config);
  t.teardown(events.close);
  const count = () => Number(database.all('SELECT COUNT(*) AS count FROM events')[0]?.count);
  return { events, path, database, lines, count };
}

const texts = (events: readonly MachineEvent[]) => events.map(({ text }) => text);

test('an event is read as it was told, in order, also after a restart', async (t) => {
  const { events, path } = await setUp(t);
  const mac = macOf(1);
  events.record({
    machine: 'a',
    mac,
    event: 'boot file',
    text: 'sent',
    path: 'x',
    sizeBytes: 5,
    elapsedMs: 0.5,
  });
  events.record({ machine: 'a', event: 'silence', text: '', reason: 'class not permitted' });
  events.record({ machine: mac, event: 'discover', text: 'as a stranger' });
  const common = {
    mac: undefined,
    reason: undefined,
    path: undefined,
    sizeBytes: undefined,
    elapsedMs: undefined,
  };
  const expected = [
    {
      ...common,
      id: 1,
      atMs: 1000,
      machine: 'a',
      mac,
      event: 'boot file',
      text: 'sent',
      path: 'x',
      sizeBytes: 5,
      elapsedMs: 0.5,
    },
    {
      ...common,
      id: 2,
      atMs: 1001,
      machine: 'a',
      event: 'silence',
      text: '',
      reason: 'class not permitted',
    },
  ];
  t.deepEqual(events.read(['a']), expected);
  t.is(events.read(['a', mac]).length, 3);
  t.deepEqual(events.read(['nobody']), []);
  events.record({ machine: 'a', event: 'x', text: 'just before the end' });
  events.close();
  const { events: next } = await setUp(t, {}, path);
  t.deepEqual(texts(next.read(['a'])), ['sent', '', 'just before the end']);
});

test('of each machine the last events stay', async (t) => {
  const { events, count } = await setUp(t, { perMachine: 8 });
  for (let at = 0; at < 1000; at += 1) {
    events.record({ machine: `n${at % 2}`, event: 'x', text: String(at) });
  }
  t.deepEqual(texts(events.read(['n0'])), [984, 986, 988, 990, 992, 994, 996, 998].map(String));
  t.true(count() <= 2 * 10, String(count()));
});

test('strangers are few: those that were silent longest go', async (t) => {
  const { events, count, path } = await setUp(t, { strangers: 4 });
  events.record({ machine: 'node', event: 'x', text: 'stays' });
  for (let at = 0; at < 2000; at += 1) {
    events.record({ machine: macOf(at), event: 'x', text: String(at) });
    if (at % 100 === 0) events.record({ machine: macOf(0), event: 'x', text: 'again' });
  }
  events.record({ machine: macOf(0), event: 'x', text: 'again' });
  t.deepEqual(texts(events.read([macOf(1999)])), ['1999']);
  t.is(events.read([macOf(0)]).at(-1)?.text, 'again');
  t.deepEqual(events.read([macOf(1990)]), []);
  t.deepEqual(texts(events.read(['node'])), ['stays']);
  t.true(count() < 60, String(count()));
  events.close();
  const { events: next, count: later } = await setUp(t, { strangers: 4 }, path);
  next.record({ machine: macOf(5000), event: 'x', text: 'one more' });
  t.is(next.read([macOf(5000)]).length, 1);
  t.true(later() < 60);
});

test('who follows is told to look when events are in the database, until it leaves', async (t) => {
  const { events } = await setUp(t);
  const heard: string[] = [];
  let afterId = 0;
  const follow = (name: string) =>
    events.follow({
      onWritten: () => {
        const some = events.after({ id: afterId, machines: ['a', macOf(1)], limit: 10 });
        heard.push(`${name} ${texts(some).join()}`);
      },
      onEnd: () => void heard.push(`${name} ends`),
    });
  const leave = follow('first');
  events.record({ machine: 'a', event: 'x', text: 'one' });
  events.record({ machine: 'b', event: 'x', text: 'other' });
  events.record({ machine: macOf(1), event: 'x', text: 'two' });
  t.deepEqual(heard, []);
  afterId = events.lastId();
  t.is(afterId, 3);
  leave();
  follow('second');
  events.record({ machine: 'a', event: 'x', text: 'three' });
  events.close();
  t.deepEqual(heard, ['first one,two', 'second three', 'second ends']);
});

test('ids grow for ever, also after all events have gone', async (t) => {
  const { events, path } = await setUp(t);
  events.record({ machine: 'a', event: 'x', text: 'one' });
  events.record({ machine: 'a', event: 'x', text: 'two' });
  t.deepEqual(
    events.read(['a']).map(({ id }) => id),
    [1, 2],
  );
  events.forget('a');
  events.close();
  const { events: next } = await setUp(t, {}, path);
  next.record({ machine: 'a', event: 'x', text: 'three' });
  t.is(next.lastId(), 3);
  t.is(next.read(['a'])[0]?.id, 3);
});

test('events are read on page by page, of all machines or of some', async (t) => {
  const { events } = await setUp(t);
  for (let at = 1; at <= 30; at += 1) {
    events.record({ machine: `n${at % 3}`, event: 'x', text: String(at) });
  }
  events.lastId();
  const page = (id: number, machines?: readonly string[]) =>
    events.after({ id, machines, limit: 4 }).map(({ text }) => Number(text));
  t.deepEqual(page(0), [1, 2, 3, 4]);
  t.deepEqual(page(28), [29, 30]);
  t.deepEqual(page(30), []);
  t.deepEqual(page(10, ['n0', 'n1']), [12, 13, 15, 16]);
  t.deepEqual(page(10, []), []);
});

test('what is forgotten is gone, and what comes then stays', async (t) => {
  const { events } = await setUp(t);
  events.record({ machine: 'a', event: 'x', text: 'old' });
  events.read(['a']);
  events.record({ machine: 'a', event: 'x', text: 'not written yet' });
  events.forget('a');
  events.record({ machine: 'a', event: 'x', text: 'new' });
  t.deepEqual(texts(events.read(['a'])), ['new']);
});

test('a node that is removed takes its story with it', async (t) => {
  const { store, events, close } = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  store.add({ name: 'a', macs: [macOf(1)] });
  events.record({ machine: 'a', event: 'x', text: 'old' });
  store.remove('a');
  t.deepEqual(events.read(['a']), []);
  await close();
});

test('a database that cannot be written costs no process and no memory, and is used again after', async (t) => {
  const { events, database, lines } = await setUp(t);
  database.run('ALTER TABLE events RENAME TO away');
  for (let at = 0; at < 20_000; at += 1) {
    events.record({ machine: 'a', event: 'x', text: String(at) });
  }
  t.is(lines.filter(({ event }) => event === 'events of machines not kept').length, 1);
  database.run('ALTER TABLE away RENAME TO events');
  t.is(events.read(['a']).at(-1)?.text, '19999');
  t.is(events.read(['a']).length, 200);
});

test('any text is kept short and without what a terminal would act on', async (t) => {
  const { events } = await setUp(t);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', size: 'max', maxLength: 2_000 }), (text) => {
      events.record({ machine: 'a', event: text, text, reason: text, path: text });
      const [told] = events.read(['a']).slice(-1);
      for (const kept of [told?.event, told?.text, told?.reason, told?.path]) {
        t.true((kept?.length ?? 999) <= 512);
        t.notRegex(kept ?? '', /[\p{Cc}]/u);
      }
    }),
  );
});

test('any events in any order: of each machine the newest stay, within the limits', async (t) => {
  const limits = { perMachine: 5, strangers: 3 };
  const { events, database, count } = await setUp(t, limits);
  const machine = fc.oneof(fc.constantFrom('a', 'b'), fc.nat(6).map(macOf));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(machine, fc.boolean()), { size: 'max', maxLength: 200 }),
      (steps) => {
        const told: string[] = [];
        for (const [at, [machine, isRead]] of steps.entries()) {
          told.push(`${machine} ${at}`);
          events.record({ machine, event: 'x', text: `${machine} ${at}` });
          if (!isRead) continue;
          const own = told.filter((text) => text.startsWith(`${machine} `));
          const kept = texts(events.read([machine]));
          t.deepEqual(kept, own.slice(-Math.max(1, kept.length)));
          if (machine.length === 1) t.true(kept.length >= Math.min(5, own.length));
        }
        events.read(['a']);
        t.true(count() <= 7 * 5);
        for (const each of ['a', 'b', ...[0, 1, 2, 3, 4, 5, 6].map(macOf)]) events.forget(each);
        events.read(['a']);
        t.is(database.all('SELECT * FROM events').length, 0);
      },
    ),
    { numRuns: 20 },
  );
});
