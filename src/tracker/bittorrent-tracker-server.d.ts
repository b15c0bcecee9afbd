declare module 'bittorrent-tracker/server' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, ServerResponse } from 'node:http';

  /** The query of an announce, decoded byte by byte, and what the package made of it. */
  export type AnnounceParams = Record<string, unknown>;
  export type Callback<Value> = (error: Error | null, value?: Value) => void;

  /** What the package asks of a swarm. */
  export type SwarmLike = {
    readonly announce: (params: AnnounceParams, callback: Callback<object>) => void;
    readonly scrape: (params: AnnounceParams, callback: Callback<object>) => void;
  };

  export default class Server extends EventEmitter {
    constructor(options: {
      readonly http: boolean;
      readonly udp: boolean;
      readonly ws: boolean;
      readonly stats: boolean;
    });
    getSwarm(infohash: string, callback: Callback<SwarmLike>): void;
    onHttpRequest(
      request: IncomingMessage,
      response: ServerResponse,
      options: { readonly action?: 'announce' | 'scrape' },
    ): void;
    close(callback?: (error: Error | null) => void): void;
  }
}
