import test from 'ava';
import { createStory } from '../../../src/installer-agent/control/story.ts';

function tell() {
  const clock = { nowMs: 0 };
  const phases: number[] = [];
  const story = createStory({
    nowMs: () => clock.nowMs,
    onPhase: () => void phases.push(clock.nowMs),
  });
  return { clock, story, phases };
}

test('phases are kept with their beginnings, also by a clock that stands at 1970', (t) => {
  const { clock, story } = tell();
  story.phase('agent');
  clock.nowMs = 5_000;
  story.phase('partitioned', '/dev/sda');
  clock.nowMs = 9_000;
  story.phase('partitioned');
  story.phase('partitioned', '/dev/sdb');
  t.deepEqual(story.read().phases, [
    { name: 'agent', atMs: 0 },
    { name: 'partitioned', atMs: 5_000, detail: '/dev/sdb' },
  ]);
});

test('what is told once more is no news', (t) => {
  const { story, phases } = tell();
  for (const _ of [1, 2, 3]) story.phase('post', 'late_command');
  t.is(phases.length, 1);
});

test('packages are counted as they go by, each once, until the installer counts itself', (t) => {
  const { story } = tell();
  t.is(story.read().packages, undefined);
  for (const path of ['Release', 'pool/a.deb', 'pool/a.deb', 'pool/b.udeb', 'Packages/c.rpm']) {
    story.fileServed('lab', path);
  }
  story.fileServed('other', 'pool/a.deb');
  t.deepEqual(story.read().packages, { done: 3 });
  t.is(story.read().phases[0]?.name, 'packages');
  story.packages(1, 90);
  story.fileServed('lab', 'pool/d.deb');
  t.deepEqual(story.read().packages, { done: 1, total: 90 });
});

test('a part of the installer is no package, and begins no phase', (t) => {
  const { story, phases } = tell();
  story.fileServed('lab', 'pool/b.udeb');
  t.deepEqual(story.read(), { phases: [], packages: undefined });
  t.deepEqual(phases, []);
});

test('names without end are not kept', (t) => {
  const { story } = tell();
  for (let at = 0; at < 30_000; at += 1) story.fileServed('lab', `${at}.deb`);
  t.is(story.read().packages?.done, 20_000);
});
