import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { seriousFindings } from '../support/axe.ts';
import { keepScreenshot, launchBrowser, openPage } from '../support/console-browser.ts';
import { type ConsoleFrontend, startConsoleFrontend } from '../support/console-frontend.ts';
import { type PretendMachines, pretendMachines } from '../support/console-machines.ts';

type Ground = {
  readonly folder: string;
  readonly frontend: ConsoleFrontend;
  readonly machines: PretendMachines;
  readonly browser: Browser;
};

/** Two thousand machines, and one test at a time: what one does the next one sees. */
const test = anyTest as TestFn<Ground>;
const racks = 50;
const perRack = 40;
const count = racks * perRack;
const limitMs = 60_000;
const largestScriptBytes = 150_000;

test.before(async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scree-console-'));
  const [frontend, browser] = await Promise.all([
    startConsoleFrontend({ folder, racks, perRack }),
    launchBrowser(),
  ]);
  const machines = pretendMachines(frontend);
  t.context = { folder, frontend, browser, machines };
});

test.after.always(async (t) => {
  await t.context.browser?.close();
  await t.context.frontend?.kill();
  await rm(t.context.folder, { recursive: true, force: true });
});

function cells(page: Page, look: string) {
  return page.locator(`.cell.${look}`);
}

/** Until so many cells look so. */
async function untilCells(page: Page, look: string, wanted: number): Promise<void> {
  const giveUpAtMs = performance.now() + limitMs;
  for (;;) {
    const seen = await cells(page, look).count();
    if (seen === wanted) return;
    if (performance.now() > giveUpAtMs) throw new Error(`expected ${wanted} cells, got ${seen}`);
    await page.waitForTimeout(20);
  }
}

/** How much processor time its main thread takes from now on: other than a clock's, it is the page's own. */
async function watchBusyMs(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
  const beforeMs = await read();
  return async () => Math.round((await read()) - beforeMs);
}

test.serial('all scripts are small, and two thousand machines are there at once', async (t) => {
  const { browser, frontend } = t.context;
  const { page, problems } = await openPage(browser);
  const sizes = new Map<string, number>();
  page.on('response', async (response) => {
    const size = Number(response.headers()['content-length'] ?? 0);
    sizes.set(new URL(response.url()).pathname, size);
  });
  await page.goto(frontend.url);
  await untilCells(page, 'os', count);
  const scripts = [...sizes].filter(([path]) => path.endsWith('.js'));
  t.is(scripts.length, 1);
  t.true(scripts.reduce((sum, [, size]) => sum + size, 0) < largestScriptBytes);
  t.log('bytes sent', Object.fromEntries(sizes));
  const paint = await page.evaluate(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
  );
  t.log('first contentful paint, ms', Math.round(Number(paint)));
  t.deepEqual(problems, []);
  await page.context().close();
});

test.serial(
  'an update of all of them, and a band around them, hold up the page but shortly',
  async (t) => {
    const { browser, frontend } = t.context;
    const { page } = await openPage(browser, { viewport: { width: 1600, height: 1000 } });
    await page.goto(frontend.url);
    await untilCells(page, 'os', count);
    await page.evaluate(`window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: 'longtask' })`);
    const busy = await watchBusyMs(page);
    const startedAtMs = performance.now();
    await frontend.api('POST', '/nodes/boot', { selection: ['all'], action: 'install' });
    await page.locator(`.cell.install#cell-compute-${racks - 1}-${perRack - 1}`).waitFor();
    const allMs = await busy();
    t.log('processor time of the page for it, ms', allMs);
    await untilCells(page, 'install', count);
    t.log('ms from the order until all are drawn', Math.round(performance.now() - startedAtMs));
    const longest = Number(await page.evaluate('longest'));
    t.log('longest task of the page, ms', Math.round(longest));
    const last = `compute-${racks - 1}-${perRack - 1}`;
    const busyWithOne = await watchBusyMs(page);
    await frontend.api('POST', '/nodes/boot', { selection: [last], action: 'os' });
    await page.locator(`.cell.os#cell-${last}`).waitFor();
    const oneMs = await busyWithOne();
    t.log('processor time of the page for a machine of them, ms', oneMs);
    t.true(oneMs < allMs / 3, 'news of one machine draw that one anew, not all');
    await frontend.api('POST', '/nodes/undo', { selection: [last] });
    await untilCells(page, 'install', count);
    const first = await page.locator('.cells').first().boundingBox();
    await page.mouse.move((first?.x ?? 0) + 1, (first?.y ?? 0) + 1);
    await page.mouse.down();
    await page.mouse.move(1580, 980, { steps: 12 });
    await page.mouse.up();
    await page.locator('.order-bar', { hasText: 'machines selected' }).waitFor();
    t.log(
      'longest task with a band around them, ms',
      Math.round(Number(await page.evaluate('longest'))),
    );
    t.true((await page.locator('[aria-selected=true]').count()) > 500);
    await keepScreenshot(page, 'two-thousand');
    await page.context().close();
  },
);

test.serial(
  'a frontend that is killed and started again is followed again, and nothing is stale',
  async (t) => {
    const { browser, frontend } = t.context;
    const { page, problems } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    await page.goto(frontend.url);
    await untilCells(page, 'install', count);
    const { page: machine } = await openPage(browser);
    machine.setDefaultTimeout(limitMs);
    await machine.goto(`${frontend.url}/#/machines/compute-0-0`);
    await machine.getByText('to be installed', { exact: true }).waitFor();
    const { page: tracker } = await openPage(browser);
    tracker.setDefaultTimeout(limitMs);
    await tracker.goto(`${frontend.url}/stats`);
    await tracker.locator('.state.live').waitFor();
    await frontend.kill();
    await page.getByText('The frontend is away.').waitFor();
    await tracker.getByText('The tracker is away. What you see is of').waitFor();
    await keepScreenshot(page, 'away');
    t.is(await cells(page, 'install').count(), count, 'what was known is still to be seen');
    await page.locator('#cell-compute-0-0').click();
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByRole('button', { name: 'Install 1 machine' }).click();
    await page.getByText('The frontend is away; try again').waitFor();
    await page.keyboard.press('Escape');
    await frontend.start();
    await page.locator('.connection.live').waitFor();
    await tracker.locator('.state.live').waitFor();
    await tracker.context().close();
    await frontend.api('POST', '/nodes/boot', { selection: ['rack=0-9'], action: 'os' });
    await untilCells(page, 'os', 10 * perRack);
    await frontend.api('POST', '/nodes/boot', { selection: ['rack=0'], action: 'install' });
    const { machines } = t.context;
    await machines.begin('compute-0-0');
    await machine.locator('.story li', { hasText: 'install → installing' }).waitFor();
    t.is(await machine.locator('.story li', { hasText: 'install → installing' }).count(), 1);
    t.deepEqual(problems, []);
    await page.context().close();
    await machine.context().close();
  },
);

test.serial('over a slow link the page comes first, then the machines', async (t) => {
  const { browser, frontend } = t.context;
  const { page } = await openPage(browser);
  page.setDefaultTimeout(limitMs);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 300,
    downloadThroughput: 100_000,
    uploadThroughput: 50_000,
  });
  await page.goto(frontend.url);
  await page.getByText('Asking for the machines').waitFor();
  await keepScreenshot(page, 'slow');
  await page.locator('#cell-compute-49-39').waitFor();
  t.is(await page.locator('.cell').count(), count);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.serial(`axe finds nothing serious on any page, ${colorScheme}`, async (t) => {
    const { browser, frontend, machines } = t.context;
    const name = colorScheme === 'light' ? 'compute-0-1' : 'compute-0-2';
    await frontend.api('POST', '/nodes/boot', { selection: [name], action: 'install' });
    await machines.begin(name);
    const phases = [
      ['booted', 0],
      ['packages', 30],
    ] as const;
    await machines.tell(name, { phases, packages: [30, 340], megabytes: [200, 20, 9, 1] });
    await machines.fail(name, 'no disk', 'the last lines');
    const { page, problems } = await openPage(browser, { colorScheme });
    page.setDefaultTimeout(limitMs);
    const look = async (hash: string, text: string) => {
      await page.goto(`${frontend.url}/${hash}`);
      await page.getByText(text, { exact: true }).first().waitFor();
      t.deepEqual(await seriousFindings(page), [], `${hash}, ${colorScheme}`);
    };
    // A small part of the racks is like all of them, and axe looks at each cell.
    await page.goto(frontend.url);
    await page.getByLabel('Filter machines').fill('rack=0-1 rank=0-7');
    await page.locator('[data-rack="9"]').waitFor({ state: 'detached' });
    await page.locator('#cell-compute-0-5').click();
    await page.getByRole('button', { name: 'Install', exact: true }).waitFor();
    t.deepEqual(await seriousFindings(page), []);
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    t.deepEqual(await seriousFindings(page), [], 'a confirmation');
    await page.keyboard.press('Escape');
    await look(`#/machines/${name}`, 'The installer’s last lines');
    await look('#/run', 'Install');
    await look('#/trees', 'Package trees');
    await look('#/discover', 'Discover');
    await look('stats', 'Who feeds whom');
    await page.locator('.state.live').waitFor();
    t.deepEqual(await seriousFindings(page), [], `stats, ${colorScheme}`);
    t.deepEqual(problems, []);
    await page.context().close();
  });
}

test.serial('on a phone all is within its width, and a tap selects', async (t) => {
  const { browser, frontend } = t.context;
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
  const { page } = await openPage(browser, phone);
  page.setDefaultTimeout(limitMs);
  const wider = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
  for (const [hash, selector] of [
    ['', '#cell-compute-0-4'],
    ['#/machines/compute-0-1', '.story'],
    ['#/trees', '.card'],
    ['#/discover', 'form'],
    ['#/run', 'main'],
    ['stats', 'main'],
  ] as const) {
    await page.goto(`${frontend.url}/${hash}`);
    await page.locator(selector).first().waitFor();
    t.is(await page.evaluate(wider), false, `${hash} is as wide as the screen`);
  }
  await page.goto(`${frontend.url}/#/`);
  await page.locator('#cell-compute-0-4').tap();
  await page.locator('#cell-compute-0-5').tap();
  await page.getByText('2 machines selected').waitFor();
  await keepScreenshot(page, 'phone');
  await page.context().close();
});

test.serial('what colours were chosen is remembered, also by the tracker’s page', async (t) => {
  const { browser, frontend } = t.context;
  const { page } = await openPage(browser, { colorScheme: 'light' });
  await page.goto(`${frontend.url}/#/run`);
  await page.getByRole('button', { name: 'Colours: auto' }).click();
  await page.getByRole('button', { name: 'Colours: light; change to dark' }).click();
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const chosen = await ground();
  await page.reload();
  await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
  t.is(await ground(), chosen);
  await page.goto(`${frontend.url}/stats`);
  await page.locator('.state.live').waitFor();
  t.is(await ground(), 'rgb(16, 20, 27)');
  await page.context().close();
});

test.serial('times are in the zone of who looks', async (t) => {
  const { browser, frontend } = t.context;
  const seen = await Promise.all(
    ['Asia/Tokyo', 'America/New_York'].map(async (timezoneId) => {
      const { page } = await openPage(browser, { timezoneId, locale: 'en-GB' });
      await page.goto(`${frontend.url}/#/machines/compute-0-1`);
      const time = page.locator('.story time').first();
      const text = await time.getAttribute('title');
      const iso = (await time.getAttribute('datetime')) ?? '';
      const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: timezoneId });
      t.true(text?.includes(clock.format(new Date(iso))), text ?? '');
      await page.context().close();
      return text;
    }),
  );
  t.not(seen[0], seen[1]);
});
