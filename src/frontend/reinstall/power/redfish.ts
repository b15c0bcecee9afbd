import * as v from 'valibot';
import { PowerError } from '../errors.ts';
import { bmcOf, bmcProblems } from './bmc.ts';
import { type BmcCall, callBmc } from './call-bmc.ts';
import type { PowerMethod } from './types.ts';

const systemsPath = '/redfish/v1/Systems';

const collectionSchema = v.object({ Members: v.array(v.object({ '@odata.id': v.string() })) });
const systemSchema = v.object({
  PowerState: v.optional(v.nullable(v.string())),
  Actions: v.object({ '#ComputerSystem.Reset': v.object({ target: v.string() }) }),
});

/** Redfish (DSP0266): boot from the network once, then off and on, or on. */
export const redfishMethod: PowerMethod = {
  problems: bmcProblems,
  describe: (target) => `tell ${bmcOf(target).address} to boot from the network once, and restart`,
  cycle: async (target, signal) => {
    const bmc = bmcOf(target);
    const call = (each: BmcCall) => callBmc(bmc, each, signal);
    const path = target.attributes.get('bmc-system') ?? (await findSystem(call));
    const system = read(systemSchema, await call({ method: 'GET', path }), path);
    const isOff = system.PowerState?.toLowerCase() === 'off';
    // Some cannot; their machines then have to have the network first in their boot order.
    await call({ method: 'PATCH', path, body: networkOnce }).catch((error: unknown) => {
      if (!(error instanceof PowerError)) throw error;
    });
    const reset = system.Actions['#ComputerSystem.Reset'].target;
    const body = { ResetType: isOff ? 'On' : 'ForceRestart' };
    await call({ method: 'POST', path: reset, body });
  },
};

const networkOnce = {
  Boot: { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' },
};

async function findSystem(call: (each: BmcCall) => Promise<unknown>): Promise<string> {
  const answer = await call({ method: 'GET', path: systemsPath });
  const [first, ...others] = read(collectionSchema, answer, systemsPath).Members;
  if (first !== undefined && others.length === 0) return first['@odata.id'];
  const count = first === undefined ? 0 : others.length + 1;
  const message = `expected one system at ${systemsPath}, got ${count}`;
  const advice = "name the machine's with the attribute bmc-system";
  throw new PowerError('not-switched', `${message}; ${advice}`);
}

function read<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  path: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'it';
  const message = `expected ${path} to be as Redfish has it, but ${where}: ${issue.message}`;
  throw new PowerError('not-switched', message);
}
