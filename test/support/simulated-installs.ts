import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installTokenOf } from '../../src/frontend/installs/token.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';

export type SimulatedInstalls = {
  /** A machine is switched on: it says how its install ends, as installers do. */
  readonly powerOn: (name: string) => Promise<void>;
};

/** Machines of a frontend that runs; `reasonOf` says why one fails, undefined: it does not. */
export async function simulateInstalls(config: {
  readonly state: string;
  readonly url: string;
  readonly reasonOf: (name: string) => string | undefined;
}): Promise<SimulatedInstalls> {
  const { state, url, reasonOf } = config;
  const key = Buffer.from((await readFile(join(state, 'keys/install.key'), 'utf8')).trim(), 'hex');
  const nodes = createNodes({ state });
  return {
    powerOn: async (name) => {
      const token = installTokenOf(await nodes.show(name), key);
      const reason = reasonOf(name);
      const end = reason === undefined ? 'success' : 'failure';
      const reply = await fetch(`${url}/installs/${token}/${end}`, {
        method: 'POST',
        body: reason ?? '',
      });
      if (!reply.ok) throw new Error(`expected ${name} to be heard, got ${reply.status}`);
    },
  };
}
