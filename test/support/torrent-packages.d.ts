declare module 'create-torrent' {
  export default function createTorrent(
    input: readonly (Uint8Array & { readonly name: string })[],
    options: {
      readonly name: string;
      readonly pieceLength: number;
      readonly private: boolean;
      readonly announceList: readonly (readonly string[])[];
      readonly urlList: readonly string[];
    },
    callback: (error: Error | null, torrent: Uint8Array) => void,
  ): void;
}

declare module 'parse-torrent' {
  export type ParsedTorrent = {
    readonly infoHash: string;
    readonly name: string;
    readonly private?: boolean;
    readonly announce: readonly string[];
    readonly urlList: readonly string[];
    readonly length: number;
    readonly pieceLength: number;
    readonly lastPieceLength: number;
    readonly pieces: readonly string[];
    readonly files: readonly {
      readonly path: string;
      readonly length: number;
      readonly offset: number;
    }[];
  };
  export default function parseTorrent(torrent: Uint8Array): Promise<ParsedTorrent>;
}
