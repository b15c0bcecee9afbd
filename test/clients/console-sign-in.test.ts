import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { createSessions } from '../../src/frontend/operators/sessions.ts';
import { hashToken } from '../../src/frontend/operators/token-form.ts';
import { keepScreenshot, launchBrowser, openPage } from '../support/console-browser.ts';
import { type ConsoleFrontend, startConsoleFrontend } from '../support/console-frontend.ts';
import { findOwnAddress } from '../support/requirements.ts';

type Ground = {
  readonly folder: string;
  /** One for clients that need a token, one on loopback. */
  readonly distant: ConsoleFrontend;
  readonly near: ConsoleFrontend;
  readonly browser: Browser;
};

const test = anyTest as TestFn<Ground>;
const run = promisify(execFile);
const scree = resolve('scree');
const limitMs = 60_000;

test.before(async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scree-console-'));
  const host = findOwnAddress() ?? '127.0.0.1';
  const [distant, near, browser] = await Promise.all([
    startConsoleFrontend({ folder: join(folder, 'distant'), racks: 2, perRack: 4, host }),
    startConsoleFrontend({ folder: join(folder, 'near'), racks: 1, perRack: 2 }),
    launchBrowser(),
  ]);
  t.context = { folder, distant, near, browser };
});

test.after.always(async (t) => {
  await t.context.browser?.close();
  await t.context.distant?.kill();
  await t.context.near?.kill();
  await rm(t.context.folder, { recursive: true, force: true });
});

async function tokens(frontend: ConsoleFrontend, ...args: readonly string[]): Promise<string> {
  return (await run(scree, ['token', ...args, '-c', frontend.config])).stdout.trim();
}

async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel('Operator’s token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test.serial(
  'who comes from elsewhere signs in, may what the token may, and is out when it is revoked',
  async (t) => {
    const { browser, distant } = t.context;
    const { page, problems } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    await page.goto(distant.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await keepScreenshot(page, 'sign-in');
    await enter(page, 'scree_wrong');
    await page.getByText("expected a token as 'scree token create' prints it").waitFor();
    const token = await tokens(distant, 'create', 'ann', '--scope', 'read');
    await enter(page, token);
    await page.getByText('ann (read)').waitFor();
    await page.locator('#cell-compute-0-0').click();
    await page.getByText('that takes the scope “boot”').waitFor();
    t.is(await page.getByRole('button', { name: 'Install', exact: true }).count(), 0);

    const [cookie] = await page.context().cookies(`${distant.url}/api/v1`);
    t.like(cookie, { httpOnly: true, sameSite: 'Strict', path: '/api/v1' });
    t.false(cookie?.value.includes(token.slice(6)), 'the cookie is not the token');
    t.is(await page.evaluate('document.cookie'), '');
    const kept = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })');
    t.false(String(kept).includes(token.slice(6)), 'no script can read the token any more');

    // It outlives a restart of the frontend, and a new tab needs no second sign-in.
    await distant.kill();
    await page.getByText('The frontend is away.').waitFor();
    await distant.start();
    await page.locator('.connection.live').waitFor();
    await page.reload();
    await page.getByText('ann (read)').waitFor();

    await tokens(distant, 'revoke', 'ann');
    await page.getByText('You were signed out').waitFor();
    await page.context().close();
    t.deepEqual(problems, []);
  },
);

test.serial(
  'when twelve hours are over an open page shows the sign-in, and goes on after it',
  async (t) => {
    const { browser, distant } = t.context;
    const { page, problems } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    const token = await tokens(distant, 'create', 'cleo', '--scope', 'read');
    const { hostname } = new URL(distant.url);
    const value = await sessionThatEnds(distant, token, Date.now() + 25_000);
    const cookie = { name: 'scree-session', value, domain: hostname, path: '/api/v1' };
    await page.context().addCookies([cookie]);
    await page.goto(`${distant.url}/#/machines/compute-0-0`);
    await page.locator('.connection.live').waitFor();
    await page.getByText('You were signed out: twelve hours are over').waitFor();
    await enter(page, token);
    await page.locator('.connection.live').waitFor();
    await page.getByRole('heading', { name: 'compute-0-0' }).waitFor();
    await page.context().close();
    t.deepEqual(problems, []);
  },
);

/** What a browser keeps that has signed in nearly twelve hours ago. */
async function sessionThatEnds({ state }: ConsoleFrontend, token: string, endsAtMs: number) {
  const key = Buffer.from((await readFile(join(state, 'keys/install.key'), 'utf8')).trim(), 'hex');
  const nowMs = () => endsAtMs - 12 * 3_600_000;
  const sessions = createSessions({ tokens: { byHash: () => undefined }, nowMs }, { key });
  const cookie = sessions.open(hashToken(token).toString('hex'));
  return cookie.replace(/^scree-session=/, '').split(';', 1)[0] ?? '';
}

test.serial(
  'an order of who has signed in is theirs in the audit log, and signing out ends it',
  async (t) => {
    const { browser, distant } = t.context;
    const { page } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    await page.goto(distant.url);
    await enter(page, await tokens(distant, 'create', 'bob', '--scope', 'boot'));
    await page.locator('#cell-compute-1-1').click();
    await page.getByLabel('Another next boot').selectOption('rescue');
    await page.getByText('will boot “rescue”').waitFor();
    await page.getByRole('button', { name: 'Boot “rescue” on 1 machine' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    const audit = await run(scree, ['audit', '-c', distant.config, '--target', 'compute-1-1']);
    t.regex(audit.stdout, /token:bob at \S+ +node boot +compute-1-1 +action rescue/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone for 1.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    t.deepEqual(await page.context().cookies(`${distant.url}/api/v1`), []);
    await page.context().close();
  },
);

/** A page of somebody else, which does what it can to have a machine installed. */
const foreignPage = (url: string) => `<!doctype html><body>
  <iframe src="${url}/" width="900" height="500"></iframe>
  <form id="form" method="post" enctype="text/plain" target="there" action="${url}/api/v1/nodes/boot">
    <input name='{"selection":["all"],"action":"install","x":"' value='"}'>
  </form>
  <iframe name="there"></iframe>
  <script>
    const body = '{"selection":["all"],"action":"install"}';
    const attempt = (options) => fetch('${url}/api/v1/nodes/boot', { method: 'POST', body, ...options })
      .then(({ type, status }) => type + ' ' + status, () => 'refused');
    const look = () => fetch('${url}/api/v1/nodes', { credentials: 'include' })
      .then(({ status }) => 'read ' + status, () => 'refused');
    window.done = Promise.all([
      attempt({ mode: 'no-cors', credentials: 'include' }),
      attempt({ credentials: 'include', headers: { 'content-type': 'application/json' } }),
      look(),
    ]);
    document.getElementById('form').submit();
  </script></body>`;

test.serial(
  'a page of another site in the same browser neither drives the console nor reads from it',
  async (t) => {
    const { browser, near, distant } = t.context;
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x').searchParams.get('of') ?? '';
      response.writeHead(200, { 'content-type': 'text/html' }).end(foreignPage(url));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const place = server.address();
    const port = typeof place === 'object' ? place?.port : 0;
    const { page } = await openPage(browser);
    page.setDefaultTimeout(limitMs);
    await page.goto(distant.url);
    await enter(page, await tokens(distant, 'create', 'eve', '--scope', 'admin'));
    await page.locator('#cell-compute-0-0').waitFor();
    for (const { url } of [near, distant]) {
      // Of the same site in the eyes of a browser, for the one that is near.
      await page.goto(`http://127.0.0.1:${port}/?of=${encodeURIComponent(url)}`);
      const told = (await page.evaluate('window.done')) as readonly string[];
      t.deepEqual(told.slice(1), ['refused', 'refused'], url);
      const framed = page.frames().filter((frame) => frame.url().startsWith(`${url}/#`));
      t.deepEqual(framed, []);
      t.is(await page.frameLocator('iframe').first().locator('.cell').count(), 0);
    }
    const { nodes } = (await near.api('GET', '/nodes')) as Nodes;
    t.true(nodes.every(({ bootState }) => bootState === 'os'));
    await page.goto(distant.url);
    await page.locator('#cell-compute-0-0').waitFor();
    t.is(await page.locator('.cell.install').count(), 0);
    await page.context().close();
  },
);

type Nodes = { readonly nodes: readonly { readonly bootState: string }[] };
