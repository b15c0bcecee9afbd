import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
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

/** Each test has a rack of its own. */
const test = anyTest as TestFn<Ground>;
const run = promisify(execFile);
const scree = resolve('scree');
const limitMs = 60_000;
const begun = [
  ['booted', 0],
  ['agent', 4],
  ['kickstart', 9],
  ['partitioned', 21],
  ['packages', 40],
] as const;

test.before(async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scree-console-'));
  const [frontend, browser] = await Promise.all([
    startConsoleFrontend({ folder, racks: 10, perRack: 8 }),
    launchBrowser(),
  ]);
  t.context = { folder, frontend, browser, machines: pretendMachines(frontend) };
});

test.after.always(async (t) => {
  await t.context.browser?.close();
  await t.context.frontend?.kill();
  await rm(t.context.folder, { recursive: true, force: true });
});

/** A test that looks at a page of the console; whatever goes wrong in the browser fails it. */
function see(
  title: string,
  hash: string,
  look: (t: ExecutionContext<Ground>, page: Page) => Promise<void>,
): void {
  // One after the other: each browser page wants a core for itself.
  test.serial(title, async (t) => {
    const { browser, frontend } = t.context;
    const { page, problems } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    try {
      await page.goto(`${frontend.url}/${hash}`);
      await look(t, page);
      t.deepEqual(problems, []);
    } finally {
      await page.context().close();
    }
  });
}

function cell(page: Page, name: string) {
  return page.locator(`#cell-${name}`);
}

/** What the frontend says of a node. */
async function nodeOf({ context: { frontend } }: ExecutionContext<Ground>, name: string) {
  const { node } = (await frontend.api('GET', `/nodes/${name}`)) as {
    readonly node: { readonly bootState: string; readonly bootAction: string };
  };
  return `${node.bootState} ${node.bootAction}`;
}

see(
  'machines are seen live: armed, installing with how far, failed with the reason, done',
  '',
  async (t, page) => {
    const { frontend, machines } = t.context;
    await cell(page, 'compute-0-0').waitFor();
    const says = (name: string, text: string) =>
      page.locator(`#cell-${name}[aria-label="${name}: ${text}"]`).waitFor();
    await says('compute-0-0', 'boots its disk');
    const selection = ['rack=0,rank=0-2'];
    await frontend.api('POST', '/nodes/boot', { selection, action: 'install' });
    await says('compute-0-0', 'to be installed');
    for (const rank of [0, 1, 2]) await machines.begin(`compute-0-${rank}`);
    await machines.tell('compute-0-0', { phases: begun, packages: [170, 340] });
    await says('compute-0-0', 'installing, 53 %, packages');
    await machines.tell('compute-0-0', { phases: begun, packages: [340, 340] });
    await says('compute-0-0', 'installing, 90 %, packages');
    await machines.fail('compute-0-1', 'no space left on device', 'the log');
    await says('compute-0-1', 'failed: no space left on device');
    await machines.tell('compute-0-2', { phases: [...begun, ['post', 90], ['done', 99]] });
    await machines.succeed('compute-0-2');
    await says('compute-0-2', 'installed');
    await keepScreenshot(page, 'racks');
    // The sign beside the number tells it without the colour.
    t.is(await cell(page, 'compute-0-1').getAttribute('data-sign'), '✕');
    t.is(await cell(page, 'compute-0-2').getAttribute('data-sign'), '✓');
  },
);

see(
  'many are selected by mouse, ordered with one confirmation, and undone',
  '',
  async (t, page) => {
    await cell(page, 'compute-1-1').click();
    await cell(page, 'compute-1-4').click({ modifiers: ['Shift'] });
    await cell(page, 'compute-1-6').click({ modifiers: ['Control'] });
    await page.getByText('5 machines selected').waitFor();
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('will be installed at the next boot').waitFor();
    t.regex(await dialog.innerText(), /5 will be installed .* overwrites what is on the disk/);
    await keepScreenshot(page, 'order');
    t.is(await nodeOf(t, 'compute-1-1'), 'os os', 'nothing has happened yet');
    await dialog.getByRole('button', { name: 'Install 5 machines' }).click();
    await page.locator('.cell.install#cell-compute-1-6').waitFor();
    t.is(await nodeOf(t, 'compute-1-4'), 'install install');
    t.is(await nodeOf(t, 'compute-1-5'), 'os os');
    // One of them boots: its order cannot be taken back any more; those of the others can, by
    // whoever looks, and after the page was left.
    await t.context.machines.begin('compute-1-2');
    await page.getByText('Install 4 machines · ordered by local, not booted yet').waitFor();
    await page.reload();
    await page.getByText('Install 4 machines · ordered by local, not booted yet').waitFor();
    await keepScreenshot(page, 'undo');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone for 4.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    t.is(await nodeOf(t, 'compute-1-4'), 'os os');
    const { events } = (await t.context.frontend.api('GET', '/nodes/compute-1-4/events')) as Story;
    t.deepEqual(
      events.slice(-2).map(({ event, text, reason }) => [event, text, reason]),
      [
        ['order', 'boot install next (os → install)', 'by local from 127.0.0.1'],
        ['undo', 'boot os next (install → os)', 'by local from 127.0.0.1'],
      ],
    );
    t.is(await nodeOf(t, 'compute-1-2'), 'installing install');
  },
);

see('a band that is drawn with the mouse selects what it touches', '', async (t, page) => {
  const from = await cell(page, 'compute-2-1').boundingBox();
  const to = await cell(page, 'compute-3-3').boundingBox();
  if (from === null || to === null) throw new Error('expected cells that are seen');
  await page.mouse.move(from.x + 10, from.y + 3);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + 8, { steps: 5 });
  await page.locator('.band').waitFor();
  await page.mouse.up();
  await page.getByText('6 machines selected').waitFor();
  await page.locator('.band').waitFor({ state: 'detached' });
  const selected = page.locator('[aria-selected=true]');
  t.deepEqual(
    await selected.evaluateAll((cells) => cells.map(({ id }) => id.replace('cell-compute-', ''))),
    ['2-1', '2-2', '2-3', '3-1', '3-2', '3-3'],
  );
});

see(
  'by rack, by role and state, and by a search that leaves only what fits',
  '',
  async (t, page) => {
    const select = page.getByLabel('Select machines by');
    await page.getByRole('button', { name: /^Rack 4/ }).click();
    await page.getByText('8 machines selected').waitFor();
    await select.selectOption({ label: 'rack 5' });
    await page.getByText('16 machines selected').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await select.selectOption({ label: 'compute' });
    await page.getByText('80 machines selected').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Filter machines').fill('rack=4-5 -7');
    await page.locator('.cell').nth(2).waitFor({ state: 'detached' });
    t.is(await page.locator('.cell').count(), 2);
    await select.selectOption({ label: 'All that are shown (2)' });
    await page.getByText('2 machines selected').waitFor();
    await page.getByLabel('Filter machines').fill('nothing is called so');
    await page.getByText('No machine is like that.').waitFor();
    t.is(await nodeOf(t, 'compute-4-7'), 'os os');
  },
);

see('all of it can be done with keys', '', async (t, page) => {
  await page.locator('.rack[data-rack="0"] .cells').focus();
  for (let at = 0; at < 6; at += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('3 machines selected').waitFor();
  t.is(
    await page.locator('.cells:focus').getAttribute('aria-activedescendant'),
    'cell-compute-6-3',
  );
  // To the button, and through the confirmation.
  for (let at = 0; at < 40; at += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator('.order-bar .primary:focus').count()) === 1) break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('.order-bar .primary').press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.cell.install#cell-compute-6-3').waitFor();
  t.is(await nodeOf(t, 'compute-6-1'), 'install install');
  await page.locator('.rack[data-rack="6"] .cells').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'compute-6-3' }).waitFor();
});

see(
  "a machine's page follows its install, and gives up and tries again",
  '#/machines/compute-7-0',
  async (t, page) => {
    const { frontend, machines } = t.context;
    const name = 'compute-7-0';
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByRole('button', { name: 'Install 1 machine' }).click();
    await page.getByText('to be installed', { exact: true }).waitFor();
    await page.getByText('It boots a kernel over the network.').waitFor();
    await page.getByText('scree.token=TOKEN').waitFor();
    await machines.begin(name);
    await machines.tell(name, {
      phases: begun,
      packages: [85, 340],
      megabytes: [300, 60, 30, 10],
    });
    await page.getByText('85 of 340 packages').waitFor();
    await page.getByText(/own rack: 286\.1 MiB \(75 %\)/).waitFor();
    await page.locator('.timeline .now', { hasText: 'packages' }).waitFor();
    await page.locator('.story li', { hasText: 'install → installing' }).waitFor();
    await keepScreenshot(page, 'machine');
    await machines.fail(name, 'it is broken', 'first\nthe last line of the log');
    await page.getByText('the last line of the log').waitFor();
    await page.locator('.timeline .wrong', { hasText: 'failed here' }).waitFor();
    await page.getByRole('button', { name: 'Give up' }).click();
    await page.getByText('count as failed no more').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Install again' }).click();
    await page.getByRole('button', { name: 'Install 1 machine' }).click();
    await page.getByText('to be installed', { exact: true }).waitFor();
    t.is(await nodeOf(t, name), 'install install');
    const { events } = (await frontend.api('GET', `/nodes/${name}/events`)) as {
      readonly events: readonly unknown[];
    };
    await page.locator('.story li', { hasText: 'installing → failed' }).waitFor();
    const lines = page.locator('.story li');
    await lines.nth(events.length - 1).waitFor();
    t.is(await lines.count(), events.length);
  },
);

see(
  'secrets of an install script are shown on request only, which the audit log tells',
  '',
  async (t, page) => {
    const { frontend } = t.context;
    const secret = '$6$salt$hash-of-the-root-password';
    const values = { 'root-password-hash': secret };
    const order = { scope: 'node', target: 'compute-8-0', values, secret: true };
    await frontend.api('PUT', '/attributes', order);
    await page.goto(`${frontend.url}/#/machines/compute-8-0`);
    const script = page.getByLabel('Install script', { exact: true });
    await script.waitFor();
    const masked = await page.locator('main').innerText();
    t.false(masked.includes(secret));
    t.true(masked.includes('(secret)'));
    await page.getByRole('button', { name: 'Show secrets' }).click();
    await page.getByText('byte for byte').waitFor();
    t.true((await script.innerText()).includes(secret));
    await page.getByRole('button', { name: 'Hide secrets' }).click();
    await page.getByText('are left out').waitFor();
    t.false((await script.innerText()).includes(secret));
    const { entries } = (await frontend.api('GET', '/audit?target=compute-8-0')) as {
      readonly entries: readonly { readonly action: string }[];
    };
    t.true(entries.some(({ action }) => action === 'node script'));
  },
);

see('whatever machines and attributes say is shown as text', '', async (t, page) => {
  const { frontend, machines } = t.context;
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const name = 'compute-9-0';
  await frontend.api('PUT', '/attributes', { scope: 'node', target: name, values: { evil } });
  await frontend.api('POST', '/nodes/boot', { selection: [name], action: 'install' });
  await machines.begin(name);
  await machines.tell(name, { phases: [...begun, ['post', 50, evil]] });
  await machines.fail(name, `reason ${evil}`, `log ${evil}`);
  await page.goto(`${frontend.url}/#/machines/${name}`);
  await page.getByText(`log ${evil}`).waitFor();
  await page.getByRole('cell', { name: evil }).waitFor();
  await page.locator('.timeline small', { hasText: evil }).waitFor();
  await page.locator('.story em', { hasText: `reason ${evil}` }).waitFor();
  await page.goto(`${frontend.url}/#/machines/${encodeURIComponent(evil)}`);
  await page.getByText(`No machine is called ${evil}.`).waitFor();
  await page.goto(`${frontend.url}/`);
  await cell(page, name).waitFor();
  t.true((await cell(page, name).getAttribute('title'))?.includes(evil));
  await page.getByLabel('Filter machines').fill(evil);
  t.is(await page.locator('img[src=x], script:not([src])').count(), 0);
  t.is(await page.title(), 'Racks – Scree');
});

see('what is served: trees, profiles with whom they are for, images', '', async (t, page) => {
  const { frontend } = t.context;
  const values = { profile: 'rocky9' };
  await frontend.api('PUT', '/attributes', { scope: 'node', target: 'compute-8-7', values });
  await page.goto(`${frontend.url}/#/trees`);
  await page.getByText('No tree is served yet.').waitFor();
  const profile = page.locator('.card', { hasText: 'rocky9' });
  await profile.getByText('A plain node with Rocky Linux 9').waitFor();
  await page
    .locator('.card', { hasText: 'compute' })
    .getByText('given to 79 machines, of compute')
    .waitFor();
  await profile.getByText('given to compute-8-7').waitFor();
  await page.getByText('None was built here.').waitFor();
  await keepScreenshot(page, 'trees');
  t.is(await profile.locator('.problem').count(), 0);

  // All of it live: nothing here asks the page to look again.
  await frontend.api('PUT', '/attributes', { scope: 'rack', target: '3', values });
  await profile.getByText('given to 9 machines, of compute').waitFor();
  await mkdir(join(frontend.state, 'profiles'), { recursive: true });
  await writeFile(
    join(frontend.state, 'profiles', 'mine.yaml'),
    'description: My own\noutput: x\n',
  );
  await page.locator('.card.bad', { hasText: 'mine' }).locator('.problem').first().waitFor();
  const files = join(t.context.folder, 'files');
  await mkdir(files, { recursive: true });
  await writeFile(join(files, 'a.deb'), 'the first');
  await run(scree, ['tree', 'add', 'shown', files, '-c', frontend.config]);
  const tree = page.locator('.card', { hasText: 'shown' });
  await tree.getByText('whole: no file was found changed').waitFor();
  await writeFile(join(files, 'b.deb'), 'the second');
  await run(scree, ['tree', 'add', 'shown', files, '-c', frontend.config]);
  await tree.getByText('generation 2').waitFor();
  t.is(await page.getByText('newest').count(), 1);
});

see(
  'machines that are not known appear, and why they cannot be discovered is said',
  '#/discover',
  async (t, page) => {
    await page.getByText('None was heard of.').waitFor();
    await page.getByRole('button', { name: 'Start' }).click();
    const problem = page.getByRole('alert');
    await problem.waitFor();
    t.regex(await problem.innerText(), /dhcp\.mode: server/);
  },
);

see(
  'an install run tells who is done and who is slow, is kept, and can be saved',
  '',
  async (t, page) => {
    const { frontend, machines } = t.context;
    const names = ['compute-5-0', 'compute-5-1', 'compute-5-2'];
    await frontend.api('POST', '/nodes/boot', { selection: names, action: 'install' });
    for (const name of names) {
      await machines.begin(name);
      await machines.tell(name, { phases: begun, packages: [34, 340], megabytes: [90, 5, 5, 0] });
    }
    await page.goto(`${frontend.url}/#/run`);
    await page.getByRole('link', { name: 'compute-5-1' }).waitFor();
    await page.locator('.u-legend').waitFor();
    await machines.fail('compute-5-1', '=cmd()', 'the log');
    await machines.tell('compute-5-0', { phases: [...begun, ['post', 90], ['done', 99]] });
    await machines.succeed('compute-5-0');
    await page.getByRole('row', { name: /compute-5-1 failed .*=cmd\(\)/ }).waitFor();
    await page.getByRole('row', { name: /compute-5-0 done/ }).waitFor();
    await page.waitForTimeout(1_500);
    await keepScreenshot(page, 'run');
    const save = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      return readFile(await download.path(), 'utf8');
    };
    const lines = (await save('Save as CSV')).split('\r\n');
    t.regex(lines[0] ?? '', /^name,role,rack,outcome,reason,/);
    t.true(lines.some((line) => line.startsWith("compute-5-1,compute,5,failed,'=cmd(),")));
    const run = JSON.parse(await save('Save as JSON'));
    t.true(
      run.nodes.some(({ name, outcome }: Saved) => name === 'compute-5-0' && outcome === 'done'),
    );
    const { runs } = (await frontend.api('GET', '/runs')) as { readonly runs: readonly unknown[] };
    t.is(runs.length, 1);
    await page.goto(`${frontend.url}/#/runs/20200101T000000Z`);
    await page.getByText("expected the id of a run, got '20200101T000000Z'").waitFor();
  },
);

see(
  "the tracker's page is kept live in place, so that nobody who reads is thrown back",
  '',
  async (t, page) => {
    const { frontend, folder } = t.context;
    const files = join(folder, 'fed');
    await mkdir(files, { recursive: true });
    await writeFile(join(files, 'a.deb'), Buffer.alloc(5_000_000, 'a'));
    await run(scree, ['tree', 'add', 'fed', files, '-c', frontend.config]);
    const { trees } = (await frontend.api('GET', '/trees')) as Trees;
    const hash = trees.find(({ name }) => name === 'fed')?.infohash.replaceAll(/../g, '%$&');
    const announce = async (port: number, more: Record<string, string | number>) => {
      const peer = { peer_id: `-SC0100-${port}`.padEnd(20, '0'), port, uploaded: 0, ...more };
      const query = new URLSearchParams(
        Object.entries(peer).map(([k, v]): [string, string] => [k, `${v}`]),
      );
      const answer = await fetch(`${frontend.url}/announce?info_hash=${hash}&${query}`);
      if (!answer.ok) throw new Error(await answer.text());
    };
    for (const port of [7001, 7002]) await announce(port, { downloaded: 0, left: 5_000_000 });
    await page.getByRole('link', { name: 'Tracker' }).click();
    await page.getByText('127.0.0.1:7002').waitFor();
    await page.locator('.state.live').waitFor();
    await page.getByText('Nothing was told yet').waitFor();
    const look = `(() => {
      window.heading ??= document.querySelector('main h2');
      getSelection().selectAllChildren(heading);
      scrollTo(0, 1e6);
      return [heading.isConnected, String(getSelection()), scrollY > 0];
    })()`;
    t.deepEqual(await page.evaluate(look), [true, 'Who feeds whom', true]);
    await announce(7002, {
      ...{ downloaded: 4_000_000, left: 1_000_000, scree_frontend: 1_000_000 },
      ...{ scree_report: 1, scree_sources: '127.0.0.1:7001=3000000' },
      scree_offenders: '127.0.0.1:7001=<b>lies</b>',
    });
    const matrix = page.getByRole('region', { name: 'By node, in KiB' });
    await matrix.getByRole('cell', { name: '2930' }).first().hover();
    await page.locator('td[title="127.0.0.1:7001 → 127.0.0.1:7002: 2930"]').waitFor();
    await page.getByRole('cell', { name: '<b>lies</b>' }).waitFor();
    await page.getByText('75.0 %').first().waitFor();
    const seen = '[heading.isConnected, String(getSelection()), scrollY > 0]';
    t.deepEqual(await page.evaluate(seen), [true, 'Who feeds whom', true]);
    t.regex(await page.title(), /^75\.0 % from peers/);
    t.deepEqual(await seriousFindings(page), []);
    await keepScreenshot(page, 'tracker');

    const plain = await openPage(t.context.browser, { javaScriptEnabled: false });
    await plain.page.goto(`${frontend.url}/stats`);
    await plain.page.getByText('75.0 %').first().waitFor();
    await plain.page.getByRole('link', { name: 'Load it again' }).click();
    await plain.page.getByRole('cell', { name: '<b>lies</b>' }).waitFor();
    await plain.page.context().close();
  },
);

type Trees = { readonly trees: readonly { readonly name: string; readonly infohash: string }[] };
type Story = {
  readonly events: readonly {
    readonly event: string;
    readonly text: string;
    readonly reason?: string;
  }[];
};
type Saved = { readonly name: string; readonly outcome: string };
