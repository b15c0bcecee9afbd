declare module 'dhcp' {
  import type { EventEmitter } from 'node:events';

  export type DhcpMessage = {
    readonly yiaddr: string;
    readonly siaddr: string;
    readonly file: string;
    readonly options: Readonly<Record<number, unknown>>;
  };
  export type DhcpClientState = {
    readonly address: string | null;
    readonly server: string | null;
    readonly leasePeriod: number;
    readonly renewPeriod: number;
    readonly rebindPeriod: number;
    readonly options: Readonly<Record<string, unknown>>;
  };
  export type DhcpClient = EventEmitter & {
    readonly listen: (port?: number, host?: string, ready?: () => void) => void;
    readonly sendDiscover: () => void;
    readonly close: (closed?: () => void) => void;
    /** What its next REQUEST is written from. */
    readonly _state: { address: string | null };
  };
  const dhcp: {
    readonly createClient: (config: {
      readonly mac: string;
      readonly features: readonly string[];
    }) => DhcpClient;
  };
  export default dhcp;
}

declare module 'tftp' {
  import type { Readable } from 'node:stream';

  export type TftpGetStats = {
    readonly blockSize: number;
    readonly windowSize: number;
    readonly size: number | null;
  };
  export type TftpClient = {
    /** Emits `stats` (TftpGetStats) once the options are agreed on. */
    readonly createGetStream: (path: string) => Readable;
    readonly put: (local: string, path: string, done: (error?: Error) => void) => void;
  };
  const tftp: {
    readonly createClient: (options: {
      readonly host: string;
      readonly port: number;
      readonly retries?: number;
      /** Milliseconds, and sent as they are. */
      readonly timeout?: number;
      readonly windowSize?: number;
      readonly blockSize?: number;
    }) => TftpClient;
  };
  export default tftp;
}
