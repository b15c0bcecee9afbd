import { silentLog } from '../../src/runtime/log.ts';
import type { AnnounceOutcome } from '../../src/tracker/announce-outcome.ts';
import type { AnnounceRequest } from '../../src/tracker/announce-request.ts';
import { createPlaces, type Places } from '../../src/tracker/places.ts';
import { defaultLimits, Registry, type RegistryConfig } from '../../src/tracker/registry.ts';
import type { TrackerCatalog } from '../../src/tracker/types.ts';
import { createCatalog, infohash, peerIdOf } from './tracker-fixture.ts';

export type TestRegistry = {
  readonly registry: Registry;
  readonly places: Places;
  readonly clock: { nowMs: number };
  /** Announces a leecher at 10.1.0.1:7000, but for what is given. */
  readonly announce: (request?: Partial<AnnounceRequest>) => AnnounceOutcome;
};

export function createTestRegistry(
  config: Partial<RegistryConfig> = {},
  catalog: TrackerCatalog = createCatalog([{}]),
): TestRegistry {
  const clock = { nowMs: 1_000_000 };
  const places = createPlaces({ placeOf: () => undefined, isInNetworks: () => true });
  const registry = new Registry(
    { log: silentLog, catalog, places, nowMs: () => clock.nowMs, random: Math.random },
    {
      peersPerSwarm: 1_000,
      peersPerAddress: 100,
      peers: 10_000,
      pastSwarms: 100,
      silenceMs: 70_000,
      pace: defaultLimits.pace,
      ...config,
    },
  );
  return { registry, places, clock, announce: (request) => registry.announce(requestOf(request)) };
}

export function requestOf(request: Partial<AnnounceRequest> = {}): AnnounceRequest {
  const { address = '10.1.0.1', port = 7000 } = request;
  return {
    infohash,
    peerId: peerIdOf(`${address}:${port}`.slice(0, 16)),
    address,
    port,
    event: 'update',
    leftBytes: 500_000,
    uploadedBytes: 0,
    downloadedBytes: 0,
    frontendBytes: undefined,
    role: undefined,
    report: undefined,
    wanted: 50,
    family: 'both',
    localAddress: '10.1.0.254',
    ...request,
  };
}

/** The `address:port` of all peers in an answer, sorted; undefined for a refusal. */
export function peersIn(outcome: AnnounceOutcome): readonly string[] | undefined {
  if (outcome.kind === 'refused') return undefined;
  const peers = outcome.peers.endpoints();
  return peers.map(({ address, port }) => `${address}:${port}`).sort();
}

export function reasonOf(outcome: AnnounceOutcome): string | undefined {
  return outcome.kind === 'refused' ? outcome.reason : undefined;
}
