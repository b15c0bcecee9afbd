declare module 'bittorrent-tracker/client' {
  import type { EventEmitter } from 'node:events';

  export default class Client extends EventEmitter {
    constructor(options: {
      readonly infoHash: string;
      readonly peerId: string;
      readonly announce: readonly string[];
      readonly port: number;
      readonly wrtc: boolean;
    });
    start(counts?: Counts): void;
    update(counts?: Counts): void;
    complete(counts?: Counts): void;
    stop(counts?: Counts): void;
    scrape(): void;
    destroy(callback?: () => void): void;
  }

  type Counts = {
    readonly uploaded?: number;
    readonly downloaded?: number;
    readonly left?: number;
  };
}
