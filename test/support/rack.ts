import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../src/runtime/errors.ts';
import { atExit } from './at-exit.ts';
import { RackError } from './rack-error.ts';
import {
  type HostPlan,
  hostDevice,
  listProcesses,
  makeNamespaces,
  planNames,
  type RackNames,
  type RackPlan,
  removeNamespaces,
} from './rack-namespaces.ts';
import { type RackProcess, type StartOptions, startProcess } from './rack-process.ts';
import { parseSentBytes } from './rack-shaping.ts';
import { inwardDevice, type UplinkPlan } from './rack-uplinks.ts';
import { runTool } from './tool.ts';

/** A machine of a rack: a network namespace with a shaped port and loopback. */
export type RackHost = HostPlan & {
  readonly namespace: string;
  readonly start: (command: readonly string[], options?: StartOptions) => RackProcess;
  /** Runs a program to its end. Throws RackError `command-failed` unless it exits with 0. */
  readonly run: (
    command: readonly string[],
    options?: StartOptions & { readonly timeoutMs?: number },
  ) => Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Frames that have left its port, in bytes. Only for a shaped host. */
  readonly sentBytes: () => Promise<number>;
};

export type RackUplink = UplinkPlan & {
  /** Frames that went to the hosts behind it, in bytes. */
  readonly inwardBytes: () => Promise<number>;
};

export type Rack = {
  readonly hosts: readonly RackHost[];
  readonly uplinks: readonly RackUplink[];
  readonly host: (name: string) => RackHost;
  /** Ends every program inside and removes every trace. */
  readonly remove: () => Promise<void>;
};

/**
 * Hosts on a switch of their own, or on several that uplinks join: bridges in a namespace of their
 * own, without a route to anywhere.
 * Removed by `remove`, and in any case when this process ends. Throws RackError `cannot-make` where
 * namespaces cannot be made (they need root), having removed what was made already.
 */
export async function createRack(plan: RackPlan): Promise<Rack> {
  if (process.getuid?.() !== 0) {
    throw new RackError('cannot-make', 'expected root, to make network namespaces; run it as root');
  }
  const prefix = `scree-${process.pid}-${randomBytes(3).toString('hex')}`;
  const names = planNames(prefix, plan.hosts);
  const started = new Set<RackProcess>();
  const removeNow = (): void => {
    for (const program of started) program.kill();
    killLeftovers(names);
    removeNamespaces(names);
  };
  const forget = atExit(removeNow);
  const remove = async (): Promise<void> => {
    const ended = Promise.allSettled([...started].map((program) => program.stop()));
    await Promise.race([ended, delay(longestEndMs, undefined, { ref: false })]);
    removeNow();
    forget();
  };
  try {
    await makeNamespaces(names, plan);
  } catch (cause) {
    await remove();
    throw new RackError('cannot-make', `could not make a rack: ${messageOf(cause)}`, { cause });
  }
  const hosts = plan.hosts.map((host) => createHost(host, names, started));
  const uplinks = (plan.uplinks ?? []).map((uplink, index) => ({
    ...uplink,
    inwardBytes: () => countSent(names.bridge, inwardDevice(index)),
  }));
  return { hosts, uplinks, host: (name) => findHost(hosts, name), remove };
}

// SIGTERM, its grace, SIGKILL.
const longestEndMs = 6_000;

function createHost(plan: HostPlan, names: RackNames, started: Set<RackProcess>): RackHost {
  const namespace = names.hosts.get(plan.name) ?? '';
  const start: RackHost['start'] = (command, options) => {
    const program = startProcess({ namespace, hostName: plan.name }, command, options);
    started.add(program);
    const drop = (): void => {
      started.delete(program);
    };
    program.ended.then(drop, drop);
    return program;
  };
  return {
    ...plan,
    namespace,
    start,
    run: (command, options) => runToEnd(start(command, options), options?.timeoutMs ?? 60_000),
    sentBytes: () => countSent(namespace, hostDevice),
  };
}

async function countSent(namespace: string, device: string): Promise<number> {
  const show = ['-s', '-j', 'qdisc', 'show', 'dev', device];
  return parseSentBytes(await runTool(['tc', '-n', namespace, ...show]));
}

async function runToEnd(
  program: RackProcess,
  timeoutMs: number,
): Promise<{ stdout: string; stderr: string }> {
  const state = { isLate: false };
  const timer = setTimeout(() => {
    state.isLate = true;
    program.kill();
  }, timeoutMs);
  const { code, signal } = await program.ended.finally(() => clearTimeout(timer));
  const stdout = program.stdout.lines().join('\n');
  const stderr = program.stderr.lines().join('\n');
  if (code === 0) return { stdout, stderr };
  const end = state.isLate ? `took more than ${timeoutMs} ms` : `ended by ${signal ?? code}`;
  const last = program.stderr.lines().slice(-5).join(' | ');
  throw new RackError('command-failed', `expected ${program.title} to succeed, it ${end}: ${last}`);
}

function findHost(hosts: readonly RackHost[], name: string): RackHost {
  const host = hosts.find((each) => each.name === name);
  if (host !== undefined) return host;
  throw new RackError('cannot-make', `expected a host of this rack, got '${name}'`);
}

/** A program may have started others that left its group; their namespace still names them. */
function killLeftovers(names: RackNames): void {
  for (const pid of listProcesses(names)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in this moment.
    }
  }
}
