import { appendFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createRack, type RackHost } from './rack.ts';
import { RackError } from './rack-error.ts';
import type { RackProcess } from './rack-process.ts';
import { addTree, startFrontend, writeConfig } from './scree-processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type BootLabPlan = {
  /** Names of the hosts whose wires virtual machines are put on; `machine` when left out. */
  readonly machines?: readonly string[];
  /** Sections of the configuration; what they say of `dhcp` goes over a server on `eth0`. */
  readonly settings?: {
    readonly dhcp?: Readonly<Record<string, unknown>>;
    readonly tftp?: Readonly<Record<string, unknown>>;
    readonly boot?: Readonly<Record<string, unknown>>;
    /** A folder. */
    readonly profiles?: string;
  };
  readonly tree?: { readonly name: string; readonly folder: string };
  /** What is to be done before the frontend starts, by `scree …`. */
  readonly prepare?: (control: BootLab['control'], tftpboot: string) => Promise<void>;
  /**
   * A router advertisement for those that ask for one: iPXE else waits 13 s for it, after its DHCP.
   */
  readonly advertisesIpv6?: boolean;
  /** Files of the general root, by path, over what was imported. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
};

/** A frontend at 10.88.0.1 that answers DHCP, TFTP and HTTP, and wires for virtual machines. */
export type BootLab = {
  /** Removed at the end. */
  readonly folder: string;
  readonly frontend: RackHost;
  readonly machine: (name?: string) => RackHost;
  /** The general root. */
  readonly tftpboot: string;
  /** What `scree …` prints, with the lab's configuration. */
  readonly control: (...args: readonly string[]) => Promise<string>;
  /** A node that is to boot `action`. */
  readonly addNode: (node: {
    readonly name: string;
    readonly mac: string;
    readonly ip: string;
    readonly action: string;
  }) => Promise<void>;
  /**
   * Waits until the node's story has lines that match, in this order, after those that it was waited
   * for before. Resolves with them; throws RackError `timed-out` with the whole story.
   */
  readonly waitForStory: (
    node: string,
    patterns: readonly RegExp[],
    limitMs: number,
  ) => Promise<readonly string[]>;
};

const scree = resolve('scree');

/** Boot files are those that `scree boot import debian-netboot` puts into place. */
export async function openBootLab(t: ExecutionContext, plan: BootLabPlan = {}): Promise<BootLab> {
  const names = plan.machines ?? ['machine'];
  const hosts = ['frontend', ...names].map((name, at) => ({ name, ip: `10.88.0.${at + 1}` }));
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const frontend = rack.host('frontend');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await appendFile(config, renderSettings(plan.settings ?? {}));
  const tftpboot = join(folder, 'state/tftpboot');
  const control: BootLab['control'] = (...args) =>
    frontend
      .run([scree, ...args, '-c', config], { timeoutMs: 600_000 })
      .then(({ stdout }) => stdout);
  await control('boot', 'import', 'debian-netboot');
  for (const [path, content] of Object.entries(plan.files ?? {})) {
    await writeFile(join(tftpboot, path), content);
  }
  if (plan.tree !== undefined) await addTree(frontend, config, plan.tree);
  await plan.prepare?.(control, tftpboot);
  await startFrontend(frontend, config);
  if (plan.advertisesIpv6) await advertiseIpv6(frontend);
  const stories = new Map<string, Story>();
  return {
    folder,
    frontend,
    machine: (name = names[0] ?? '') => rack.host(name),
    tftpboot,
    control,
    addNode: async ({ name, mac, ip, action }) => {
      await control('node', 'add', name, '--mac', mac, '--ip', ip);
      if (action !== 'os') await control('node', 'boot', name, action);
    },
    waitForStory: (node, patterns, limitMs) => {
      const story = stories.get(node) ?? followStory(frontend, { node, config });
      stories.set(node, story);
      return waitInOrder(story, patterns, limitMs);
    },
  };
}

/** YAML takes JSON. */
function renderSettings(settings: NonNullable<BootLabPlan['settings']>): string {
  const all = {
    tftp: { listen: '10.88.0.1:69' },
    ...settings,
    dhcp: { mode: 'server', interface: 'eth0', ...settings.dhcp },
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  return lines.join('');
}

async function advertiseIpv6(frontend: RackHost): Promise<void> {
  const address = 'ip -6 address add fd88::1/64 dev eth0 nodad';
  const turnOn = `echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6; ${address}`;
  await frontend.run(['sh', '-ec', turnOn]);
  const quiet = ['--conf-file=/dev/null', '--pid-file=', '--leasefile-ro', '--user=root'];
  const advertise = ['--port=0', '--enable-ra', '--dhcp-range=fd88::,ra-only'];
  frontend.start(['dnsmasq', '--keep-in-foreground', ...quiet, ...advertise]);
}

type Story = {
  readonly follower: RackProcess;
  /** How many of its lines have been waited for. */
  seen: number;
};

function followStory(frontend: RackHost, { node, config }: { node: string; config: string }) {
  const command = [scree, 'node', 'events', node, '-f', '-c', config];
  return { follower: frontend.start(command), seen: 0 };
}

async function waitInOrder(
  story: Story,
  patterns: readonly RegExp[],
  limitMs: number,
): Promise<readonly string[]> {
  const { stdout, stderr } = story.follower;
  const endMs = performance.now() + limitMs;
  const found: string[] = [];
  for (const pattern of patterns) {
    const at = () => stdout.lines().findIndex((line, at) => at >= story.seen && pattern.test(line));
    while (at() === -1) {
      if (performance.now() > endMs) {
        const lines = [...stdout.lines(), ...stderr.lines()].join('\n');
        throw new RackError('timed-out', `expected ${pattern} in its story, got:\n${lines}`);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    found.push(stdout.lines()[at()] ?? '');
    story.seen = at() + 1;
  }
  return found;
}
