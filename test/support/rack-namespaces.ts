import { spawnSync } from 'node:child_process';
import { renderShaping } from './rack-shaping.ts';
import { bridgeOf, renderUplinkShaping, renderUplinks, type UplinkPlan } from './rack-uplinks.ts';
import { runTool } from './tool.ts';

export type HostPlan = {
  readonly name: string;
  /** IPv4, inside the rack's own /16. */
  readonly ip: string;
  /** Of its port, each way; undefined: as fast as the machine. */
  readonly rateBitsPerSecond?: number;
  /** Behind which uplink it is; undefined: where the uplinks meet. */
  readonly uplink?: string;
};

export type RackPlan = {
  readonly hosts: readonly HostPlan[];
  /** Each leads to a switch of its own; none unless given. */
  readonly uplinks?: readonly UplinkPlan[];
};

/** The names of one rack's namespaces; nothing else of it shows in the machine's own namespace. */
export type RackNames = {
  readonly bridge: string;
  readonly hosts: ReadonlyMap<string, string>;
};

export const hostDevice = 'eth0';

export function planNames(prefix: string, hosts: readonly HostPlan[]): RackNames {
  return {
    bridge: `${prefix}-bridge`,
    hosts: new Map(hosts.map(({ name }) => [name, `${prefix}-${name}`])),
  };
}

export async function makeNamespaces(names: RackNames, plan: RackPlan): Promise<void> {
  const { hosts, uplinks = [] } = plan;
  await runTool(['ip', '-batch', '-'], { input: lines(allOf(names).map((n) => `netns add ${n}`)) });
  await runTool(['ip', '-n', names.bridge, '-batch', '-'], {
    input: lines(renderBridges(names, { hosts, uplinks })),
  });
  const shaping = [...hosts.flatMap(renderPortShaping), ...uplinks.flatMap(renderUplinkShaping)];
  await applyTo(names.bridge, { sysctls: quiet, tc: shaping });
  for (const host of hosts) {
    const namespace = names.hosts.get(host.name) ?? '';
    await runTool(['ip', '-n', namespace, '-batch', '-'], { input: lines(renderHost(host)) });
    await applyTo(namespace, { sysctls: quiet, tc: renderShapingOf(hostDevice, host) });
  }
}

/** Removes the namespaces and all devices in them, at once: this also runs when a process ends. */
export function removeNamespaces(names: RackNames): void {
  spawnSync('ip', ['-force', '-batch', '-'], {
    input: lines(allOf(names).map((name) => `netns del ${name}`)),
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: 20_000,
  });
}

/** The processes that are still inside, children of started programs among them. */
export function listProcesses(names: RackNames): number[] {
  return allOf(names).flatMap((name) => {
    const found = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8', timeout: 5_000 });
    return (found.stdout ?? '').split('\n').filter(Boolean).map(Number);
  });
}

// The defaults of a new namespace follow the machine's, which may forward. Without IPv6 no router
// solicitation or multicast is on the wire.
const quiet = ['net/ipv4/ip_forward=0', 'net/ipv6/conf/all/disable_ipv6=1'];

function renderBridges(names: RackNames, { hosts, uplinks }: Required<RackPlan>): string[] {
  const ports = hosts.flatMap(({ name, uplink }, index) => [
    `link add p${index} type veth peer name ${hostDevice} netns ${names.hosts.get(name)}`,
    `link set p${index} master ${bridgeOf(uplink, uplinks)} up`,
  ]);
  return ['link set lo up', ...renderUplinks(uplinks), ...ports];
}

// Routes say which congestion control to use, because a namespace may only default to those that
// the machine allows to unprivileged users, and that need not include cubic.
function renderHost({ ip }: HostPlan): string[] {
  const network = `${ip.split('.').slice(0, 2).join('.')}.0.0/16`;
  return [
    'link set lo up',
    'route replace local 127.0.0.1 dev lo table local congctl cubic',
    `addr add ${ip}/16 dev ${hostDevice}`,
    `link set ${hostDevice} up`,
    `route replace ${network} dev ${hostDevice} scope link src ${ip} congctl cubic`,
  ];
}

function renderPortShaping(host: HostPlan, index: number): string[] {
  return renderShapingOf(`p${index}`, host);
}

function renderShapingOf(device: string, { rateBitsPerSecond }: HostPlan): string[] {
  return rateBitsPerSecond === undefined ? [] : [renderShaping(device, rateBitsPerSecond)];
}

async function applyTo(
  namespace: string,
  settings: { readonly sysctls: readonly string[]; readonly tc: readonly string[] },
): Promise<void> {
  const writes = settings.sysctls.map((line) => {
    const [key, value] = line.split('=');
    return `[ ! -e /proc/sys/${key} ] || echo ${value} >/proc/sys/${key}`;
  });
  await runTool(['nsenter', `--net=/run/netns/${namespace}`, 'sh', '-ec', writes.join('\n')]);
  if (settings.tc.length === 0) return;
  await runTool(['tc', '-n', namespace, '-batch', '-'], { input: lines(settings.tc) });
}

function allOf(names: RackNames): string[] {
  return [names.bridge, ...names.hosts.values()];
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}
