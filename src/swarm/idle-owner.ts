import type { PeerOwner } from './peer.ts';

/** For an owner that does nothing about most of what its peers say. */
export const idleOwner: Omit<PeerOwner, 'metainfo'> = {
  onPieces: () => {},
  onPieceGone: () => {},
  onClaims: () => {},
  onChokeChange: () => {},
  onReady: () => {},
  onWants: () => {},
  onRequest: () => {},
  onCancel: () => {},
  onReject: () => {},
  blockTarget: () => undefined,
  onBlock: () => {},
  onDrain: () => {},
  onSpeaking: () => {},
  onClosed: () => {},
};
