import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage } from './console-browser.ts';
import { type ConsoleFrontend, startConsoleFrontend } from './console-frontend.ts';
import { type PretendMachines, pretendMachines } from './console-machines.ts';

/** The README's pictures of the console: `npm run docs:screenshots` makes them anew. */
const racks = 14;
const perRack = 30;
const packageCount = 340;
const begun = [
  ['booted', 0],
  ['agent', 4],
  ['kickstart', 9, 'debian12'],
  ['partitioned', 21, '/dev/sda'],
  ['packages', 40],
] as const;
const shown = 'compute-3-17';

const folder = await mkdtemp(join(tmpdir(), 'scree-screenshots-'));
const frontend = await startConsoleFrontend({ folder, racks, perRack });
const browser = await launchBrowser();
try {
  await installRacks(frontend, pretendMachines(frontend));
  for (const [name, hash, colorScheme, wanted] of [
    ['racks', '', 'dark', '.cell.failed'],
    ['machine', `#/machines/${shown}`, 'light', '.story li'],
  ] as const) {
    const viewport = { width: 1360, height: 800 };
    const { page } = await openPage(browser, { colorScheme, viewport, locale: 'en-GB' });
    await page.goto(`${frontend.url}/${hash}`);
    await page.locator(wanted).first().waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `docs/console-${name}.png` });
    process.stdout.write(`docs/console-${name}.png\n`);
  }
} finally {
  await browser.close();
  await frontend.kill();
  await rm(folder, { recursive: true, force: true });
}

/** Half of them are on their way, each as far as its place in its rack says. */
async function installRacks({ api }: ConsoleFrontend, machines: PretendMachines): Promise<void> {
  await api('POST', '/nodes/boot', { selection: ['rack=0-9'], action: 'install' });
  for (let rack = 0; rack < 8; rack += 1) {
    const ranks = Array.from({ length: perRack }, (_, rank) => rank);
    await Promise.all(ranks.map((rank) => install(machines, rack, rank)));
  }
}

async function install(machines: PretendMachines, rack: number, rank: number): Promise<void> {
  const name = `compute-${rack}-${rank}`;
  const howFar = 420 - 38 * rack + ((rank * 53 + rack * 17) % 90);
  if (howFar < 150 && rank % 3 === 0) return;
  await machines.begin(name);
  const done = Math.min(packageCount, Math.max(0, howFar - 20));
  const share = done / packageCount;
  const megabytes = [520 * share, 14 * share, 9 * share, share] as const;
  if (howFar > 400) {
    const phases = [...begun, ['post', 150], ['done', 182]] as const;
    await machines.tell(name, { phases, packages: [packageCount, packageCount], megabytes });
    return machines.succeed(name);
  }
  const phases = howFar < 130 ? begun.slice(0, 3) : begun;
  await machines.tell(name, { phases, packages: [done, packageCount], megabytes });
  const isBroken = (rack === 2 && rank === 11) || (rack === 5 && rank === 23);
  if (isBroken) await machines.fail(name, 'no disk of the size that its profile asks for', '');
}
