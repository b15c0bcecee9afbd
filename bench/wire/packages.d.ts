declare module 'bittorrent-protocol' {
  import type { Duplex } from 'node:stream';

  export default class Wire extends Duplex {
    handshake(infohash: string, peerId: string): void;
    unchoke(): void;
    setKeepAlive(on: boolean): void;
    request(
      piece: number,
      offset: number,
      length: number,
      callback: (error: Error | null, bytes: Uint8Array) => void,
    ): void;
  }
}
