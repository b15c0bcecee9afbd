import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { tryDecodeTftp } from '../../protocol/tftp/packet.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { bindUdp, closeUdp } from '../../runtime/udp.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import { type Asked, Session, type SessionConfig, type SessionDeps } from './session.ts';
import { type SessionLimits, Sessions } from './sessions.ts';
import { SharedFiles } from './shared-files.ts';
import { type OpenTransferSocket, openTransferSocket } from './transfer-socket.ts';
import type { OpenTftpFile, TftpDrops, TftpTransferEvent } from './types.ts';

export type TftpServer = {
  readonly host: string;
  readonly port: number;
  readonly counts: () => { readonly transfers: number; readonly drops: TftpDrops };
  /** Ends all transfers. */
  readonly close: () => Promise<void>;
};

export type TftpServerDeps = {
  readonly log: Log;
  readonly open: OpenTftpFile;
  /** A socket of Node's own unless given. */
  readonly openSocket?: OpenTransferSocket;
  /** Called once for each transfer, at its end. */
  readonly onEvent: (event: TftpTransferEvent) => void;
  readonly nowMs?: () => number;
};

export type TftpServerConfig = {
  readonly host: string;
  readonly port: number;
  readonly maximumBlockBytes?: number;
  readonly maximumWindowBlocks?: number;
  readonly maximumTransfers?: number;
  /** A client that asks again, from another port, leaves transfers behind that wait for it. */
  readonly maximumTransfersPerClient?: number;
  readonly silenceLimitMs?: number;
  /** For what transfers have in common. */
  readonly memoryBytes?: number;
};

const defaults = {
  maximumBlockBytes: 1_468,
  maximumWindowBlocks: 64,
  maximumTransfers: 1_024,
  maximumTransfersPerClient: 128,
  silenceLimitMs: 30_000,
  memoryBytes: 64 * 1024 * 1024,
};

/** A rack that is switched on asks all at once. */
const receiveBufferBytes = 1024 * 1024;

/**
 * Serves files by TFTP (RFC 1350, 2347, 2348, 2349, 7440), each transfer from a port of its own on
 * the same address. Requests past the limits get no answer, so that loaders ask again by
 * themselves. Rejects as bind does.
 */
export async function startTftpServer(
  deps: TftpServerDeps,
  given: TftpServerConfig,
): Promise<TftpServer> {
  const config = { ...defaults, ...given };
  const socket = createSocket({
    type: isIPv6(config.host) ? 'udp6' : 'udp4',
    recvBufferSize: receiveBufferBytes,
  });
  await bindUdp(socket, config);
  const { address: localAddress, port } = socket.address();
  const sessions = createSessions(deps, { ...config, localAddress });
  const drops = { malformed: 0, unexpected: 0, repeated: 0, busy: 0 };
  socket.on('message', (datagram, sender) => {
    const reason = receive(datagram, sender);
    if (reason !== undefined) drops[reason] += 1;
  });
  socket.on('error', (error) => deps.log.warn('tftp socket failed', { reason: messageOf(error) }));
  return {
    host: config.host,
    port,
    counts: () => ({ transfers: sessions.all.size, drops: { ...drops } }),
    close: async () => {
      await Promise.all([closeUdp(socket), sessions.all.stop()]);
    },
  };

  function receive(datagram: Buffer, sender: RemoteInfo): keyof TftpDrops | undefined {
    const clientName = normalizeAddress(sender.address);
    const packet = tryDecodeTftp(datagram);
    if (packet === undefined || clientName === undefined || sender.port === 0) return 'malformed';
    if (packet.kind !== 'read' && packet.kind !== 'write') return 'unexpected';
    const asked = { clientName, client: sender, request: packet };
    const reason = sessions.all.refuse(asked);
    if (reason === undefined) sessions.start(asked);
    return reason;
  }
}

function createSessions(
  {
    open,
    onEvent,
    openSocket = openTransferSocket,
    nowMs = () => performance.now(),
  }: TftpServerDeps,
  config: SessionConfig & SessionLimits & { readonly memoryBytes: number },
) {
  const all = new Sessions(config, nowMs);
  const shared = { open, openSocket, nowMs, files: new SharedFiles(config) };
  return {
    all,
    start: (asked: Asked): void => {
      const ended = (event: TftpTransferEvent) => {
        all.remove(session);
        onEvent(event);
      };
      const deps: SessionDeps = { ...shared, onEvent: ended };
      const session = new Session(asked, deps, config);
      all.add(session);
      void session.start();
    },
  };
}
