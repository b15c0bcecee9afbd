import type { IncomingMessage } from 'node:http';
import { availableParallelism } from 'node:os';
import type { Log } from '../../runtime/log.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import { createNetworkFilter } from '../../tracker/networks.ts';
import type { Tracker } from '../../tracker/types.ts';
import { createHideSecrets } from '../attributes/hide-secrets.ts';
import type { InspectBoot } from '../boot/inspect-boot.ts';
import type { BootActions } from '../boot/plan-boot.ts';
import type { BootRoots } from '../boot/roots.ts';
import { type BootTransfer, createTransferStory } from '../boot/story.ts';
import type { Who } from '../boot/who.ts';
import type { BootFigures } from '../boot-figures.ts';
import { createBuiltFiles } from '../console/built-files.ts';
import type { Discovery } from '../discover/discovery.ts';
import type { FileTorrents } from '../file-torrents.ts';
import type { StoredImage } from '../images/image-store.ts';
import type { Installs } from '../installs/installs.ts';
import type { InstallsProgress } from '../installs/progress.ts';
import { Admission } from '../kickstart/admission.ts';
import type { RenderScript } from '../kickstart/scripts.ts';
import type { NodeRecords } from '../nodes/records.ts';
import { createIdentify, isAdmin } from '../operators/identify.ts';
import { createSessions } from '../operators/sessions.ts';
import type { InstallOrders } from '../orders/install-orders.ts';
import type { Profiles } from '../profiles/types.ts';
import type { ReloadReport } from '../reload.ts';
import type { Runs } from '../runs/runs.ts';
import type { TreeCatalog } from '../trees/types.ts';
import { createOperations } from './api/operations.ts';
import { createApp } from './app.ts';
import { type BootSent, createBootHandler } from './boot-handler.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createInstallHandler } from './install-handler.ts';
import { createKickstartHandler } from './kickstart-handler.ts';
import { createOpenStreams } from './open-streams.ts';
import { createTreeFileSender } from './send-tree-file.ts';
import { Slots } from './slots.ts';
import { torrentSources } from './torrent-sources.ts';
import { createTreeDocuments } from './tree-documents.ts';

export type RoutesDeps = {
  readonly log: Log;
  readonly trees: TreeCatalog;
  readonly tracker: Tracker;
  readonly fileTorrents: FileTorrents;
  readonly nodes: Omit<NodeRecords, 'close'>;
  readonly installs: Installs;
  readonly progress: InstallsProgress;
  readonly orders: InstallOrders;
  /** See RenderScript. */
  readonly renderScript: RenderScript;
  readonly boot: Pick<BootRoots, 'resolve'>;
  readonly inspectBoot: InspectBoot;
  readonly runs: Pick<Runs, 'list' | 'read'>;
  readonly images: () => Promise<readonly StoredImage[]>;
  readonly who: Who;
  /** Undefined where no machine is heard. */
  readonly discovery?: Discovery | undefined;
  readonly bootFigures: () => BootFigures;
  readonly bootActions: BootActions;
  readonly installActions?: ReadonlySet<string>;
  readonly profiles: Pick<Profiles, 'list' | 'declared'>;
  readonly reload: () => Promise<ReloadReport>;
  /** What the seeds have sent since the start. */
  readonly sentToPeersBytes: () => number;
};

export type RoutesConfig = {
  /** SPKI PEM of the key that signs manifests. */
  readonly publicKey: string;
  readonly networks: readonly string[];
  /** How many fallback ranges are sent at once. */
  readonly fallback: number;
  /** See InstallReportDeps. */
  readonly trustsAddress: boolean;
  readonly trackerHost: string;
  /** Secret, and the same after a restart: what browsers keep is signed with a key made from it. */
  readonly key: Uint8Array;
};

/** Each is made in milliseconds; more than a few at once would only share the processor. */
const kickstartLimits = { places: 2 * availableParallelism(), waiting: 2_000 };

/** All that the frontend answers by HTTP, put together. */
export function createRoutes(deps: RoutesDeps, config: RoutesConfig): Gateway {
  const { log, trees, tracker, fileTorrents, nodes, installs, who, sentToPeersBytes } = deps;
  const startedAtMs = Date.now();
  const fallbackSlots = new Slots(config.fallback);
  let sentByHttpBytes = 0;
  let bootByHttpBytes = 0;
  const sendFile = createTreeFileSender({
    fallbackSlots,
    onSent: (sizeBytes) => {
      sentByHttpBytes += sizeBytes;
    },
  });
  const install = createInstallHandler({
    log,
    trees,
    fileTorrents,
    documents: createTreeDocuments({ trees, publicKey: config.publicKey }),
    sendFile: async (exchange, generation, placed) => {
      const address = normalizeAddress(exchange.request.socket.remoteAddress);
      await sendFile(exchange, generation, placed);
      const { node } = who(address ?? '');
      if (node !== undefined) installs.heard(node, `was sent ${placed.file.path} of the tree`);
    },
    sources: ({ socket }, webSeedPath) => {
      const { localAddress, localPort = 80 } = socket;
      const { trackerHost } = config;
      const trackerPort = tracker.port() ?? 0;
      return torrentSources({ localAddress, localPort, trackerHost, trackerPort }, webSeedPath);
    },
  });
  const story = createTransferStory({ events: nodes.events, heard: installs.heard });
  const boot = createBootHandler({
    boot: deps.boot,
    who,
    onSent: (asker, sent) => story.tell(asker, transferOf(sent)),
    onBytes: (sizeBytes) => {
      bootByHttpBytes += sizeBytes;
    },
  });
  const admission = new Admission(kickstartLimits);
  const kickstart = (isOperator: (request: IncomingMessage) => boolean) =>
    createKickstartHandler({
      ...{ log, who, nodes, installs, admission, isOperator },
      render: deps.renderScript,
    });
  const figures = () => ({
    sentToPeersBytes: sentToPeersBytes(),
    sentByHttpBytes,
    sentBootBytes: bootByHttpBytes + (deps.bootFigures().tftp?.sentBytes ?? 0),
    fallbacksRunning: fallbackSlots.taken,
    fallbacksRefused: fallbackSlots.refused,
    ...deps.bootFigures(),
  });
  const streams = createOpenStreams({ log, tokens: nodes.tokens });
  const { attributes } = nodes;
  const hideSecrets = createHideSecrets({ log, attributes, profiles: deps.profiles });
  const operations = createOperations({ ...deps, hideSecrets });
  const files = createBuiltFiles();
  const sessions = createSessions(nodes, config);
  return createGateway({
    tracker,
    isInNetworks: createNetworkFilter(config.networks),
    createApp: (isLocal) => {
      const identify = createIdentify({ log, tokens: nodes.tokens, sessions, isLocal });
      return createApp({
        ...{ log, install, boot, trees, tracker, figures, operations, identify, streams },
        hasRole: (name) => nodes.store.all().some(({ role }) => role === name),
        ...{ startedAtMs, orders: deps.orders, progress: deps.progress, files, sessions },
        reports: { installs, who, hideSecrets, trustsAddress: config.trustsAddress },
        kickstart: kickstart((request) => isAdmin(identify(request))),
      });
    },
  });
}

function transferOf({ outcome, path, elapsedMs, sizeBytes, reason }: BootSent): BootTransfer {
  return { event: 'http', text: outcome, path, elapsedMs, sizeBytes, reason };
}
