import type { IncomingMessage } from 'node:http';
import { isLoopback, normalizeAddress } from '../../tracker/address.ts';
import type { Tracker } from '../../tracker/types.ts';
import type { App } from './app.ts';
import { sendRefusal } from './replies.ts';
import type { HttpHandler } from './server.ts';

export type GatewayDeps = {
  readonly tracker: Pick<Tracker, 'handle'>;
  /** True for an address (as normalizeAddress makes it) of the configured networks. */
  readonly isInNetworks: (address: string) => boolean;
  /** The routes, told which requests come from this machine, where no token is needed. */
  readonly createApp: (isLocal: (request: IncomingMessage) => boolean) => App;
};

export type Gateway = {
  /** For the HTTP port: refuses who is of no configured network, unless it is this machine. */
  readonly fromNetwork: HttpHandler;
  /** For the control socket, which only its owner can open. */
  readonly fromControl: HttpHandler;
};

/** Decides by the socket that a request came in on who may ask for what. */
export function createGateway({ tracker, isInNetworks, createApp }: GatewayDeps): Gateway {
  const local = new WeakSet<IncomingMessage>();
  const app = createApp((request) => local.has(request));
  return {
    fromNetwork: async (request, response) => {
      const address = normalizeAddress(request.socket.remoteAddress);
      // Of a client that has left already the address is not known any more.
      if (address === undefined) return void response.destroy();
      // What another program here passes on may be anybody's.
      if (isLoopback(address) && !isPassedOn(request)) local.add(request);
      else if (!isLoopback(address) && !isInNetworks(address)) {
        const text = `expected an address of the configured networks, got ${address}`;
        return sendRefusal(request, response, { status: 403, text });
      }
      if (!tracker.handle(request, response)) await app(request, response);
    },
    fromControl: async (request, response) => {
      local.add(request);
      await app(request, response);
    },
  };
}

function isPassedOn({ headers }: IncomingMessage): boolean {
  const names = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
  return names.some((name) => headers[name] !== undefined);
}
