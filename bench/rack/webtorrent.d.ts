declare module 'webtorrent' {
  import { EventEmitter } from 'node:events';

  export type TorrentOptions = {
    readonly path: string;
    /** What is in the folder is taken as whole and right. */
    readonly skipVerify: boolean;
  };

  /** Events: `done`, `warning` (an error, or text). */
  export type Torrent = EventEmitter;

  /** Events: `listening`, `error`. */
  export default class WebTorrent extends EventEmitter {
    constructor(options: {
      readonly torrentPort: number;
      readonly dht: boolean;
      readonly lsd: boolean;
      readonly utPex: boolean;
      readonly utp: boolean;
      readonly webSeeds: boolean;
      readonly natUpnp: boolean;
      readonly natPmp: boolean;
      readonly secure: 0 | 1 | 2;
    });
    add(torrentPath: string, options: TorrentOptions): Torrent;
  }
}
