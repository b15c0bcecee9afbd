import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { nearestWord } from '../../nearest-word.ts';
import { PowerError, ReinstallError } from '../errors.ts';
import { commandMethod } from './command.ts';
import { ipmiMethod } from './ipmi.ts';
import { redfishMethod } from './redfish.ts';
import { sshMethod } from './ssh.ts';
import type { Power, PowerMethod, PowerTarget } from './types.ts';
import { wakeOnLanMethod } from './wake-on-lan.ts';

export type PowerOrder = {
  /** `none`, `redfish`, `ipmi`, `wol`, `ssh`, or a command. */
  readonly how: string;
  readonly inShell: boolean;
  /** The one that DHCP answers on. */
  readonly interfaceName: string;
};

const longestReason = 300;

const known = ['none', 'redfish', 'ipmi', 'wol', 'ssh'] as const;

/** How these machines are switched. Throws ReinstallError `bad-power`. */
export function choosePower(order: PowerOrder, targets: readonly PowerTarget[]): Power {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const method = methodOf(order);
  const target = (name: string): PowerTarget => {
    const found = byName.get(name);
    if (found === undefined) throw new Error(`expected one of the machines, got '${name}'`);
    return found;
  };
  return {
    problems: async () => [
      ...missingProgram(order.how),
      ...missingSettings(targets, (each) => method.problems(each)),
    ],
    describe: (name) => target(name).hideSecrets(method.describe(target(name))),
    cycle: (name, signal) => cycleQuietly(method, target(name), signal),
  };
}

/** What programs and controllers say may hold what they were told. Rejects with PowerError. */
async function cycleQuietly(
  { cycle }: PowerMethod,
  target: PowerTarget,
  signal: AbortSignal,
): Promise<void> {
  try {
    await cycle(target, signal);
  } catch (cause) {
    if (!(cause instanceof PowerError)) throw cause;
    // Not cut before: half a secret would not be found.
    const message = target.hideSecrets(cause.message);
    const short = message.length > longestReason ? `${message.slice(0, longestReason)}…` : message;
    throw new PowerError(cause.code, short, { cause });
  }
}

const byHand: PowerMethod = {
  problems: () => [],
  describe: () => 'switch it off and on',
  cycle: async () => {},
};

function methodOf({ how, inShell, interfaceName }: PowerOrder): PowerMethod {
  switch (known.find((each) => each === how)) {
    case 'none':
      return byHand;
    case 'redfish':
      return redfishMethod;
    case 'ipmi':
      return ipmiMethod;
    case 'wol':
      return wakeOnLanMethod({ interfaceName });
    case 'ssh':
      return sshMethod;
    case undefined:
      if (/[\s/{]/.test(how) || inShell) return commandMethod(how, { inShell });
      throw unknownWord(how);
  }
}

/** A command says something of the machine, so it is never one word. */
function unknownWord(how: string): ReinstallError {
  const near = nearestWord(how, known);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const expected = `expected ${known.join(', ')} or a command such as 'powerman -c {name}'`;
  return new ReinstallError('bad-power', `${expected}, got '${how.slice(0, 80)}'${hint}`);
}

const programs = new Map([
  ['ipmi', { program: 'ipmitool', packageName: 'ipmitool' }],
  ['ssh', { program: 'ssh', packageName: 'openssh-client' }],
]);

function missingProgram(how: string): readonly string[] {
  const needed = programs.get(how);
  if (needed === undefined || isInPath(needed.program)) return [];
  const { program, packageName } = needed;
  return [`expected the program ${program} in PATH, found none; install ${packageName}`];
}

function isInPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** Of many machines that lack the same, one line. */
function missingSettings(
  targets: readonly PowerTarget[],
  problemsOf: (target: PowerTarget) => readonly string[],
): readonly string[] {
  const namesByProblem = new Map<string, string[]>();
  for (const target of targets) {
    for (const problem of problemsOf(target)) {
      namesByProblem.set(problem, [...(namesByProblem.get(problem) ?? []), target.name]);
    }
  }
  return [...namesByProblem].map(([problem, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `expected ${problem} for ${first}${more}, found none`;
  });
}
