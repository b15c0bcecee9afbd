import { bmcOf, bmcProblems } from './bmc.ts';
import { runProgram } from './run-program.ts';
import type { PowerMethod, PowerTarget } from './types.ts';

const file = 'ipmitool';

/** IPMI 2.0 through the program ipmitool: the network next, then off and on, or on. */
export const ipmiMethod: PowerMethod = {
  problems: bmcProblems,
  describe: (target) => `${file} ${argsFor(target, 'cycle').join(' ')}`,
  cycle: async (target, signal) => {
    const { password } = bmcOf(target);
    // By the environment: what stands on a command line is for everybody to see.
    const env = { IPMI_PASSWORD: password };
    const run = (...words: readonly string[]) =>
      runProgram({ file, args: [...sessionOf(target), 'chassis', ...words], env, signal });
    const isOff = / is off/i.test(await run('power', 'status'));
    await run('bootdev', 'pxe');
    await run('power', isOff ? 'on' : 'cycle');
  },
};

function argsFor(target: PowerTarget, action: string): readonly string[] {
  return [...sessionOf(target), 'chassis', 'power', action];
}

function sessionOf(target: PowerTarget): readonly string[] {
  const { address, user } = bmcOf(target);
  return ['-I', 'lanplus', '-H', address, '-U', user, '-E'];
}
