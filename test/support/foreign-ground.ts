import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GroundProgram, startGroundProgram } from './foreign-program.ts';
import { createRack } from './rack.ts';

/** Where the programs of one test run, with addresses that only they use. */
export type Ground = {
  readonly frontendAddress: string;
  readonly agentAddress: string;
  readonly clientAddress: string;
  /** A port that is free at the client's address. */
  readonly findClientPort: () => Promise<number>;
  readonly start: (command: readonly string[]) => GroundProgram;
  /** Ends every program. */
  readonly remove: () => Promise<void>;
};

const patienceMs = 60_000;
const fetchScript = fileURLToPath(new URL('foreign-fetch.ts', import.meta.url));
let groundCount = 0;

/** On this machine's loopback: nobody else is met there, and no rights are needed. */
export function createLoopbackGround(): Ground {
  groundCount += 1;
  // Each test file is run by a process of its own, so the process's number makes the network.
  const network = `127.${1 + (process.pid % 250)}.${Math.floor(process.pid / 250) % 250}`;
  const addressOf = (place: number) => `${network}.${10 * groundCount + place}`;
  const clientAddress = addressOf(2);
  const started: GroundProgram[] = [];
  return {
    frontendAddress: addressOf(0),
    agentAddress: addressOf(1),
    clientAddress,
    findClientPort: () => findFreePort(clientAddress),
    start: (command) => {
      const program = startGroundProgram(command);
      started.push(program);
      return program;
    },
    remove: async () => {
      await Promise.all(started.map((program) => program.stop()));
    },
  };
}

/** In a network namespace, for a client that will not talk to loopback addresses. Needs root. */
export async function createNamespaceGround(): Promise<Ground> {
  const [frontendAddress, agentAddress, clientAddress] = ['10.78.0.1', '10.78.0.2', '10.78.0.3'];
  const rack = await createRack({ hosts: [{ name: 'all', ip: frontendAddress }] });
  const host = rack.host('all');
  for (const address of [agentAddress, clientAddress]) {
    await host.run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
  }
  return {
    frontendAddress,
    agentAddress,
    clientAddress,
    findClientPort: () => Promise.resolve(51_413),
    start: (command) => host.start(command),
    remove: rack.remove,
  };
}

/** The bodies behind the URLs, fetched four at a time. Throws when a status is not 200. */
export async function fetchFrom(
  ground: Ground,
  urls: readonly string[],
): Promise<readonly Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-fetched-'));
  try {
    const program = ground.start([process.execPath, fetchScript, folder, ...urls]);
    const statuses = JSON.parse(await program.waitForLine(/^\[/, patienceMs)) as number[];
    const failed = urls.filter((_, at) => statuses[at] !== 200);
    if (failed.length > 0) throw new Error(`expected status 200, got ${statuses} for ${failed}`);
    return await Promise.all(urls.map((_, at) => readFile(join(folder, String(at)))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The URL in a scree program's ready line. */
export async function readyUrl(program: GroundProgram): Promise<string> {
  const line = await program.waitForLine(/^ready /, patienceMs);
  return /http:\/\/[^ ,]+/.exec(line)?.[0] ?? '';
}

async function findFreePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
