import type { ExecutionContext } from 'ava';
import type { Metainfo } from '../../src/protocol/metainfo.ts';
import { encodeBare, encodeHave } from '../../src/protocol/peer-wire/messages.ts';
import { blockMessage, listenAsPeer, type RawPeer } from './raw-peer.ts';

export type HonestPeerOptions = {
  readonly host: string;
  readonly metainfo: Metainfo;
  readonly content: Buffer;
  /** Undefined: all of them. */
  readonly pieces?: readonly number[];
  /** Called for each block that is asked for; false: it is not answered. */
  readonly mayAnswer?: (peer: RawPeer, answeredBefore: number) => boolean;
};

/** A plain client that holds pieces and gives what it is asked for. */
export async function addHonestPeer(t: ExecutionContext, options: HonestPeerOptions) {
  const { host, metainfo, content, mayAnswer = () => true } = options;
  const all = Array.from({ length: metainfo.pieceCount }, (_, piece) => piece);
  let answered = 0;
  const peer = await listenAsPeer(t, { host, infohash: metainfo.infohash }, (caller) => {
    caller.send(...(options.pieces ?? all).map(encodeHave), encodeBare('unchoke'));
    caller.onMessage((message) => {
      if (message.type !== 'request' || !mayAnswer(caller, answered)) return;
      answered += 1;
      const start = message.piece * metainfo.pieceLengthBytes + message.beginByte;
      caller.send(blockMessage(message, content.subarray(start, start + message.lengthBytes)));
    });
  });
  return { ...peer, answered: () => answered };
}
