import test, { type ExecutionContext } from 'ava';
import { createLooks } from '../../../src/frontend/http/looks.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';

/** What is looked at keeps no process alive. */
function stayAlive(t: ExecutionContext): void {
  const timer = setInterval(() => {}, 1_000);
  t.teardown(() => clearInterval(timer));
}

test('who follows is told of a part that is another one, and nobody looks when nobody follows', async (t) => {
  stayAlive(t);
  const { log } = createCollectingLog();
  let count = 0;
  let trees = 'a';
  const look = async () => {
    count += 1;
    return { trees, images: '[]' };
  };
  const looks = createLooks({ log, look }, { everyMs: 5 });
  await looks.now();
  const news = new Promise<void>((resolve) => {
    const stop = looks.follow(() => {
      stop();
      resolve();
    });
  });
  while (count < 5) await new Promise(setImmediate);
  t.is(looks.seen().trees, 'a');
  trees = 'b';
  await news;
  t.is(looks.seen().trees, 'b');
  // One look may have begun before.
  const most = count + 1;
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.true(count <= most, `${count - most + 1} looks for nobody`);
});

test('what cannot be looked at is logged once, and is looked at again', async (t) => {
  stayAlive(t);
  const { log, lines } = createCollectingLog();
  let failures = 0;
  const look = async () => {
    if (failures < 3) {
      failures += 1;
      throw new Error('no disk');
    }
    return { trees: '[]' };
  };
  const looks = createLooks({ log, look }, { everyMs: 5 });
  await new Promise<void>((resolve) => {
    const stop = looks.follow(() => {
      stop();
      resolve();
    });
  });
  t.deepEqual(
    lines.map(({ event, fields }) => [event, fields?.reason]),
    [['what is served not looked at', 'no disk']],
  );
});
