import type { IncomingMessage } from 'node:http';
import { formatEndpoint, normalizeAddress } from '../../tracker/address.ts';

/** The frontend's HTTP server as the client of this connection reached it. */
export type ReachedServer = {
  readonly address: string;
  /** `host[:port]`, without a port that is 80. */
  readonly server: string;
};

export function serverOf({ socket }: IncomingMessage): ReachedServer {
  const { localAddress, localPort = 80 } = socket;
  const address = normalizeAddress(localAddress) ?? '127.0.0.1';
  const endpoint = formatEndpoint(address, localPort);
  return { address, server: localPort === 80 ? endpoint.slice(0, -3) : endpoint };
}
