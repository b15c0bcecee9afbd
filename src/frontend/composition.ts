import { join } from 'node:path';
import { closeAll, type Service } from '../runtime/lifecycle.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import type { Log } from '../runtime/log.ts';
import { createSwarmHost } from '../swarm/swarm-host.ts';
import { formatEndpoint, isLoopback } from '../tracker/address.ts';
import { createTracker } from '../tracker/main.ts';
import { createNetworkFilter } from '../tracker/networks.ts';
import { shownAddress } from '../tracker/shown-address.ts';
import { startBootServices } from './boot-services.ts';
import type { Config } from './config.ts';
import { openControlSocket } from './control-socket.ts';
import { createFileTorrentStore } from './file-torrent-store.ts';
import { createFileTorrents } from './file-torrents.ts';
import { sendRefusal } from './http/replies.ts';
import { createRoutes } from './http/routes.ts';
import { createHttpServer, type HttpHandler } from './http/server.ts';
import { listImages } from './images/image-store.ts';
import { createInstalls } from './installs/installs.ts';
import { openInstallKey } from './installs/key.ts';
import { createInstallsProgress } from './installs/progress.ts';
import { createScripts } from './kickstart/scripts.ts';
import { listening } from './listening.ts';
import { databasePath, openNodeRecords } from './nodes/records.ts';
import { Offers } from './offers.ts';
import { createInstallOrders } from './orders/install-orders.ts';
import { createPlaceOf } from './place-of.ts';
import { createProfiles, shippedProfiles } from './profiles/main.ts';
import { createReload, type ReloadReport } from './reload.ts';
import { createRunFiles } from './runs/run-files.ts';
import { createRuns } from './runs/runs.ts';
import { createSeeding } from './seeding.ts';
import { createTreeCatalog } from './trees/catalog.ts';
import { openManifestKeys } from './trees/keys.ts';

export type Frontend = {
  /** `http://host:port`, at an address of this machine where it listens on all of them. */
  readonly url: string;
  /** `host:port` each, in the same way. */
  readonly trackerEndpoint: string;
  readonly seedEndpoint: string;
  /** How many generations are served. */
  readonly treeCount: () => number;
  /** Takes in what `scree tree` has changed in the state folder. */
  readonly reload: () => Promise<ReloadReport>;
  readonly close: () => Promise<void>;
};

/**
 * Starts all parts of a frontend, in the order in which they need each other. Throws the error of
 * the first that cannot start, with the others closed again.
 */
export async function startFrontend(
  deps: { readonly log: Log },
  config: Config,
): Promise<Frontend> {
  const services: Service[] = [];
  try {
    return await startParts(deps.log, config, services);
  } catch (error) {
    await closeAll(services, deps.log);
    throw error;
  }
}

async function startParts(log: Log, config: Config, services: Service[]): Promise<Frontend> {
  const later = (name: string, close: () => Promise<void>) => void services.push({ name, close });
  let handleControl = refuseWhileStarting;
  // First of all, so that no second frontend works on the same state.
  const control = await openControlSocket(
    { log, handle: (...each) => handleControl(...each) },
    config.state,
  );
  later('control socket', control.close);

  const nodes = openNodeRecords(
    { log },
    {
      path: databasePath(config.state),
      bootActions: [...config.boot.actions.keys()],
      installActions: config.boot.installActions,
    },
  );
  later('nodes', nodes.close);

  const keys = await openManifestKeys(config.state);
  const trees = createTreeCatalog({ log }, { state: config.state });
  later('trees', trees.close);

  const key = await openInstallKey(config.state);
  const installs = createInstalls(
    { log, nodes, logs: nodes.logs, key },
    { silenceLimitMs: config.boot.silenceSeconds * 1000 },
  );
  later('installs', installs.close);

  const progress = createInstallsProgress({ log, nodes, installs });
  later('progress', progress.close);
  const orders = createInstallOrders({ log, rows: nodes.orders });
  later('orders', orders.close);

  const files = createRunFiles(join(config.state, 'runs'));
  const runs = await createRuns({ log, store: nodes.store, progress, files });
  installs.followSuccess(runs.succeeded);
  later('runs', runs.close);

  const boot = await startBootServices(
    { log, nodes, installs, later: (service) => void services.push(service) },
    config,
  );

  const offers = new Offers();
  const tracker = createTracker(
    { log, catalog: offers, placeOf: createPlaceOf(boot.who) },
    { ...config.tracker, networks: config.networks },
  );
  later('tracker', tracker.close);
  await listening('tracker.listen', config.tracker.listen, tracker.start);

  const isInNetworks = createNetworkFilter(config.networks);
  const isAllowed = (address: string) => isLoopback(address) || isInNetworks(address);
  const swarm = await listening('seed.listen', config.seed.listen, () =>
    createSwarmHost(
      { log },
      { ...config.seed, role: 'frontend', isAllowed, onOffender: tracker.noteOffender },
    ),
  );
  later('seeds', swarm.close);

  const seeding = createSeeding({ offers, swarm, tracker }, config.seed.listen);
  const store = createFileTorrentStore({ log }, config);
  const fileTorrents = createFileTorrents({
    store,
    onReady: (torrent) => {
      const { tree, generation } = torrent.generation;
      // It may have been removed while its file was hashed.
      if (trees.get(tree, generation) === torrent.generation) seeding.offerFile(torrent);
    },
  });
  const reload = createReload({ log, trees, seeding, fileTorrents });
  await reload();

  const profiles = createProfiles({ folders: [config.profiles, shippedProfiles] });
  const gateway = createRoutes(
    {
      ...{ log, trees, tracker, fileTorrents, nodes, installs, progress, orders, reload },
      renderScript: createScripts({
        attributes: nodes.attributes,
        profiles,
        tokenOf: installs.tokenOf,
      }),
      boot: boot.roots,
      inspectBoot: boot.inspect,
      images: () => listImages(join(config.state, 'images')),
      runs,
      bootActions: config.boot.actions,
      installActions: config.boot.installActions,
      profiles,
      who: boot.who,
      discovery: boot.discovery,
      bootFigures: boot.figures,
      sentToPeersBytes: seeding.sentBytes,
    },
    {
      publicKey: keys.publicKeyPem,
      networks: config.networks,
      fallback: config.http.fallback,
      trustsAddress: config.boot.trustsAddress,
      trackerHost: config.tracker.listen.host,
      key,
    },
  );
  handleControl = gateway.fromControl;
  const http = await listening('http.listen', config.http.listen, () =>
    createHttpServer({ log, handle: gateway.fromNetwork }, config.http.listen),
  );
  later('http', http.close);

  const endpoint = ({ host }: ListenAddress, port: number | undefined) =>
    formatEndpoint(shownAddress(host), port ?? 0);
  return {
    url: `http://${endpoint(config.http.listen, http.port)}`,
    trackerEndpoint: endpoint(config.tracker.listen, tracker.port()),
    seedEndpoint: endpoint(config.seed.listen, swarm.port),
    treeCount: () => trees.all().length,
    reload,
    close: () => closeAll(services, log),
  };
}

const refuseWhileStarting: HttpHandler = async (request, response) => {
  const text = 'expected a frontend that serves, found one that starts; ask again';
  sendRefusal(request, response, { status: 503, text, headers: { 'retry-after': '1' } });
};
