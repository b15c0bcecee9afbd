import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { packageNames, startLoneMachine } from '../support/lone-machine.ts';

const [libfaketime = ''] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
const minuteMs = 60_000;

test('a machine whose clock stands at 1970, and is set in the middle, installs like any other', async (t) => {
  const startedAtMs = Date.now();
  const machine = await startLoneMachine(t);
  const clock = join(machine.folder, 'clock');
  await writeFile(clock, '@1970-01-01 00:00:10\n');
  await machine.startAgent({
    LD_PRELOAD: libfaketime,
    TZ: 'UTC',
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    // As a machine's own clock since its start, which nobody sets.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  });
  // Its manifest is signed in a future of forty years and more; it counts all the same.
  await machine.install(packageNames.slice(0, 8));
  const early = await machine.untilProgress(({ packages }) => packages?.done === 8);
  t.true(
    linesOf(machine.agentLog()).every(({ time }) => time < 60 * minuteMs),
    'it was at 1970',
  );

  await writeFile(clock, '+0\n');
  await machine.install(packageNames.slice(8));
  await machine.curl(`${machine.agentUrl}/agent/phase?name=post`);
  const late = await machine.untilProgress(
    ({ packages, phases }) => packages?.done === 16 && phases.some(({ name }) => name === 'post'),
  );
  for (const { heardAtMs, phases } of [early, late]) {
    for (const atMs of [heardAtMs, ...phases.map((phase) => phase.atMs)])
      t.true(atMs >= startedAtMs - minuteMs && atMs <= Date.now() + minuteMs, `${atMs}`);
  }
  t.deepEqual(
    late.phases.map(({ name }) => name).filter((name) => name !== 'booted'),
    ['agent', 'packages', 'post'],
  );

  const ended = await machine.curl(`${machine.agentUrl}/agent/end?outcome=success`, '-d', 'a log');
  const { isTold, elapsedMs } = JSON.parse(ended) as { isTold: boolean; elapsedMs: number };
  t.true(isTold);
  t.true(elapsedMs >= 0 && elapsedMs < 5 * minuteMs, `${elapsedMs} ms`);
  t.is((await machine.show()).bootState, 'os');
  t.is(await machine.scree('node', 'log', 'a'), 'a log\n');

  const lines = linesOf(machine.agentLog());
  t.true(lines.some(({ event }) => event === 'tree known'));
  t.deepEqual(
    lines.filter(({ level }) => level > 30),
    [],
    'nothing to warn of',
  );
  for (const { time, elapsedMs = 0 } of lines) {
    t.true(Number.isFinite(time) && time > 0);
    t.true(elapsedMs >= 0 && elapsedMs < 5 * minuteMs, `${elapsedMs} ms`);
  }
  t.notRegex(machine.agentLog(), /NaN|Infinity|Invalid/);
});

type Line = {
  readonly level: number;
  readonly time: number;
  readonly event: string;
  readonly elapsedMs?: number;
};

function linesOf(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
