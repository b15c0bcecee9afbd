import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { FrontendCalls } from '../../../src/installer-agent/control/frontend-calls.ts';
import { createReporter } from '../../../src/installer-agent/control/reporter.ts';
import type { ProgressReport } from '../../../src/protocol/install-progress.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { eventually } from '../../support/test-agent.ts';

type Answer = Awaited<ReturnType<FrontendCalls['progress']>>;

function start(t: ExecutionContext, limits = { everyMs: 40, longestPauseMs: 160 }) {
  const facts = { done: 0 };
  const told: ProgressReport[] = [];
  const frontend: { answer: Answer } = { answer: { kind: 'told', answer: {} } };
  const reporter = createReporter(
    {
      calls: {
        progress: async (report) => {
          told.push(report);
          return frontend.answer;
        },
      },
      compose: () => ({
        ...{ run: 'a', atMs: performance.now(), phases: [], agentVersion: '1', trees: [] },
        bytes: { frontend: facts.done, peers: 0, rack: 0, fallback: 0 },
      }),
      onAnswer: () => {},
      log: silentLog,
    },
    limits,
  );
  t.teardown(reporter.close);
  return { facts, told, frontend, reporter };
}

test('only what is new is told, each time with a higher number', async (t) => {
  const { facts, told } = start(t);
  await eventually(t, () => told.length === 1, 'the first report');
  await delay(200);
  t.is(told.length, 1, 'nothing was new');
  facts.done = 7;
  await eventually(t, () => told.length === 2, 'the second');
  t.is(told[1]?.bytes.frontend, 7);
  t.true((told[1]?.sequence ?? 0) > (told[0]?.sequence ?? 0));
});

test('while the frontend is away it is asked more and more seldom, and then told the latest', async (t) => {
  const { facts, told, frontend } = start(t);
  frontend.answer = { kind: 'away', reason: 'test' };
  for (facts.done = 1; facts.done < 50; facts.done += 1) await delay(20);
  const asked = told.length;
  t.true(asked >= 2 && asked < 20, `${asked} times in a second`);
  frontend.answer = { kind: 'told', answer: {} };
  await eventually(t, () => told.at(-1)?.bytes.frontend === 50, 'the latest');
});

test('a frontend that wants no more is asked no more', async (t) => {
  const { facts, told, frontend, reporter } = start(t);
  frontend.answer = { kind: 'refused', reason: 'test' };
  facts.done = 1;
  reporter.wake();
  await eventually(t, () => reporter.need() !== undefined, 'an end');
  const asked = told.length;
  facts.done = 2;
  reporter.wake();
  await delay(150);
  t.is(told.length, asked);
  t.is(reporter.need()?.lingerSeconds, 0);
});

test('at the end it asks on, though nothing is new, and hears whether it is needed', async (t) => {
  const { told, frontend, reporter } = start(t);
  frontend.answer = { kind: 'told', answer: { lingerSeconds: 10 } };
  reporter.ask();
  await eventually(t, () => told.length > 4, 'reports');
  t.is(reporter.need()?.lingerSeconds, 10);
});

test('phases without end are told no more often than that', async (t) => {
  const { facts, told, reporter } = start(t, { everyMs: 10_000, longestPauseMs: 10_000 });
  const endMs = performance.now() + 500;
  while (performance.now() < endMs) {
    facts.done += 1;
    reporter.wake();
    await delay(1);
  }
  t.true(told.length <= 12, `${told.length} reports in half a second`);
  t.true(told.length > 1);
});
